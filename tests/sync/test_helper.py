"""The process that maps beside a run: the same store in the end, whatever becomes of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ds_bridge.api.client import EPOCH
from ds_bridge.api.pages import Page
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.errors import BadDataError, InterruptedRunError
from ds_bridge.mapping.content import pull_contents
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Parallel, Stop, helper, pages, run
from ds_bridge.sync.helper import Helper
from tests.sync import stumbling
from tests.sync.conftest import CRA, PLAIN, Night, new_sqlite

PATIENCE = 30.0
NAMED = DemarcheSettings(number=CRA_NUMBER, champs={"nom": "3566491", "identifiant": "3566523"})
ALONE = SyncSettings(mapping_process=False)

pytestmark = pytest.mark.skipif(not helper.can_help(), reason="one processor, or not a POSIX system")


def wait_until(condition):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it did not come"
        os.sched_yield()


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(autouse=True)
def helps_at_once(monkeypatch):
    monkeypatch.setattr(helper, "DOSSIERS_ALONE", 0)


@pytest.fixture
def store(tmp_path):
    """SQLite alone: what is mapped does not depend on the database."""
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


@pytest.fixture
def night(server, store):
    return Night(server, store)


@pytest.fixture
def pulled(server, night):
    """The pages of the démarche, and its form."""
    night.page_size = 25
    with night.client() as client:
        return list(client.walk_dossiers(CRA_NUMBER, since=EPOCH)), client.form_document(CRA_NUMBER)


@pytest.fixture
def helpers(monkeypatch):
    """Every helper that a run makes."""
    made = []

    class Noted(Helper):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(run, "Helper", Noted)
    return made


def dump(store):
    return [
        (each.number, each.state, each.valid, each.document, each.raw) for each in store.dossiers(CRA_NUMBER)
    ] + [(each.number, each.path, each.code, each.message) for each in store.anomalies(CRA_NUMBER)]


def pull_alone(server, folder, demarche):
    folder.mkdir()
    with Store.open(new_sqlite(folder)) as store:
        assert Night(server, store).run(demarche=demarche, settings=ALONE).outcome == "complete"
        return dump(store)


@pytest.mark.parametrize("demarche", [CRA, PLAIN, NAMED], ids=["model", "champs only", "named champs"])
def test_what_it_maps_is_what_would_have_been_mapped_here(night, tmp_path, monkeypatch, demarche):
    alone = pull_alone(night.server, tmp_path / "alone", demarche)

    def map_here(*_args):
        raise AssertionError("mapped here")

    monkeypatch.setattr(pages, "pull_contents", map_here)
    summary = night.run(demarche=demarche)
    assert (summary.outcome, summary.error, summary.created) == ("complete", None, 120)
    assert dump(night.store) == alone


def test_several_walks_share_it(night, tmp_path, monkeypatch):
    alone = pull_alone(night.server, tmp_path / "alone", CRA)
    night.page_size = 5
    assert night.run(parallel=Parallel("states", 3)).created == 120
    assert dump(night.store) == alone


def test_a_fault_of_the_model_is_told_as_if_it_had_been_mapped_here(night, tmp_path, told, capfd):
    demarche = DemarcheSettings(number=CRA_NUMBER, model=stumbling.MODEL)
    alone = pull_alone(night.server, tmp_path / "alone", demarche)
    here = [event["dossier"] for event in told("dossier not mapped")]
    capfd.readouterr()
    assert night.run(demarche=demarche).outcome == "complete"
    assert dump(night.store) == alone
    assert [event["dossier"] for event in told("dossier not mapped")] == [*here, *here]
    assert here
    assert sorted(here) == [number for number in night.stored() if number % 7 == 0]
    assert capfd.readouterr().out == ""


def test_killed_in_the_middle_of_a_run(night, tmp_path, helpers, told):
    alone = pull_alone(night.server, tmp_path / "alone", CRA)

    def kill(page):
        if page == 3:
            wait_until(lambda: helpers[-1]._process)
            os.kill(helpers[-1]._process.pid, signal.SIGKILL)

    summary = night.run(behind_page=kill)
    assert (summary.outcome, summary.error, summary.created) == ("complete", None, 120)
    assert dump(night.store) == alone
    [warning] = told("the process that maps ended early: pages are mapped here again")
    assert warning["exit_code"] == -signal.SIGKILL


def test_left_while_it_starts(pulled):
    walked, form = pulled
    for _ in range(5):
        with Helper(CRA, form) as beside:
            beside.begin(walked[0])
        assert beside.begin(walked[1]) is None
        assert not beside._thread.is_alive()
        assert beside._process is None or beside._process.returncode is not None


def test_a_system_without_threads_to_give(pulled, monkeypatch, told):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    walked, form = pulled
    with Helper(CRA, form) as beside:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        assert beside.begin(walked[0]) is beside.begin(walked[1]) is None
    assert len(told("no thread for the process that maps: pages are mapped here")) == 1


def test_a_model_that_it_cannot_find(pulled, told):
    walked, form = pulled
    with Helper(DemarcheSettings(number=CRA_NUMBER, model="only_here:Model"), form) as lost:
        ticket = lost.begin(walked[0])
        assert ticket is None or lost.collect(ticket, Stop()) is None
        assert lost.begin(walked[1]) is None
    assert len(told("the process that maps ended early: pages are mapped here again")) == 1


def test_a_node_that_is_no_dossier_has_no_content(pulled):
    walked, form = pulled
    broken = {"number": 12, "state": "accepte"}
    with Helper(CRA, form) as beside:
        whole = beside.collect(beside.begin(walked[0]), Stop())
        ticket = beside.begin(Page((broken, walked[0].nodes[0]), None, False))
        wrong, right = beside.collect(ticket, Stop())
    assert isinstance(wrong, BadDataError)
    assert right == whole[0]


def test_results_can_be_collected_in_any_order(pulled):
    walked, form = pulled
    with Helper(PLAIN, form) as beside:
        tickets = [beside.begin(page) for page in walked[:3]]
        for place in (2, 0, 1):
            here = pull_contents(None, walked[place].nodes, CRA_NUMBER)
            assert beside.collect(tickets[place], Stop()) == here


def test_an_end_that_is_asked_for_does_not_wait_for_it(pulled):
    walked, form = pulled
    stop = Stop()
    with Helper(CRA, form) as beside:
        beside.collect(beside.begin(walked[0]), stop)
        os.kill(beside._process.pid, signal.SIGSTOP)
        ticket = beside.begin(Page(walked[1].nodes[:1], None, False))
        stop.request(signal.SIGTERM)
        with pytest.raises(InterruptedRunError):
            beside.collect(ticket, stop)
    assert beside._process.returncode == -signal.SIGKILL


def test_signals_to_the_whole_family_do_not_end_it(pulled):
    walked, form = pulled
    with Helper(CRA, form) as beside:
        beside.collect(beside.begin(walked[0]), Stop())
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(beside._process.pid, number)
        assert len(beside.collect(beside.begin(walked[1]), Stop())) == 25


def test_it_does_not_outlive_a_killed_run():
    program = (
        "from ds_bridge.sandbox.world import CRA_NUMBER\n"
        "from ds_bridge.api.pages import Page\n"
        "from ds_bridge.config import DemarcheSettings\n"
        "from ds_bridge.sync import Stop, helper\n"
        "import sys, time\n"
        "helper.DOSSIERS_ALONE = -1\n"
        "form = {'number': 1, 'title': '', 'revisions': []}\n"
        "form['activeRevision'] = {'id': 'x', 'champDescriptors': []}\n"
        "beside = helper.Helper(DemarcheSettings(number=1), form)\n"
        "assert beside.collect(beside.begin(Page((), None, False)), Stop()) == []\n"
        "print(beside._process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        assert is_running(pid)
        process.kill()
        process.wait()
        wait_until(lambda: not is_running(pid))


def test_a_small_night_starts_none(night, monkeypatch, helpers):
    monkeypatch.setattr(helper, "DOSSIERS_ALONE", 120)
    assert night.run().created == 120
    assert [each._process for each in helpers] == [None]


def test_none_starts_where_it_is_not_wanted_or_has_no_processor(pulled, monkeypatch):
    walked, form = pulled
    with Helper(CRA, form, allowed=False) as unwanted:
        assert unwanted.begin(walked[0]) is None
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    with Helper(CRA, form) as crowded:
        assert crowded.begin(walked[0]) is None
    assert unwanted._process is crowded._process is None
