"""The process that maps beside a run: the same store in the end, whatever becomes of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ds_bridge.api.base import as_it_came
from ds_bridge.api.client import EPOCH
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.errors import InterruptedRunError
from ds_bridge.mapping.content import pull_contents
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.store.encoding import encode_json
from ds_bridge.sync import Stop, crew, pages
from ds_bridge.sync.beside import Beside
from tests.sync import stumbling
from tests.sync.conftest import CRA, PLAIN, Night, new_sqlite

PATIENCE = 30.0
NAMED = DemarcheSettings(number=CRA_NUMBER, champs={"nom": "3566491", "identifiant": "3566523"})
ALONE = SyncSettings(mapping_process=False)

pytestmark = pytest.mark.skipif(not crew.count_useful(), reason="one processor, or not a POSIX system")


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


START = Beside.start


@pytest.fixture(autouse=True)
def helps_at_once(monkeypatch):
    """From the first page on, which waits until it has started."""

    def start(mapper):
        START(mapper)
        wait_until(lambda: mapper.is_ready or mapper.is_over)

    monkeypatch.setattr(crew, "DOSSIERS_ALONE", 0)
    monkeypatch.setattr(Beside, "start", start)


@pytest.fixture
def night(server, sqlite_store):
    """SQLite alone: what is mapped does not depend on the database."""
    return Night(server, sqlite_store)


@pytest.fixture
def pulled(server, night):
    """The dossiers of each page of the démarche, and its form."""
    night.page_size = 25
    with night.client() as client:
        walked = client.walk_dossiers(CRA_NUMBER, since=EPOCH, read=as_it_came)
        raws = [[encode_json(node) for node in page.nodes] for page in walked]
        return raws, client.form_document(CRA_NUMBER)


@pytest.fixture
def besides(monkeypatch):
    """Every one that a run makes."""
    made = []

    class Noted(Beside):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(crew, "Beside", Noted)
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


def test_killed_in_the_middle_of_a_run(night, tmp_path, besides, told):
    alone = pull_alone(night.server, tmp_path / "alone", CRA)

    def kill(page):
        if page == 3:
            wait_until(lambda: besides[-1]._process)
            os.kill(besides[-1]._process.pid, signal.SIGKILL)

    summary = night.run(behind_page=kill)
    assert (summary.outcome, summary.error, summary.created) == ("complete", None, 120)
    assert dump(night.store) == alone
    [warning] = told("a process that maps ended early: its pages are mapped here")
    assert warning["exit_code"] == -signal.SIGKILL


def test_left_while_it_starts(pulled):
    walked, form = pulled
    for _ in range(5):
        with Beside(CRA, form) as mapper:
            START(mapper)
            assert mapper.begin(walked[0]) is None  # it would take longer
        assert mapper.begin(walked[1]) is None
        assert not mapper._thread.is_alive()
        assert mapper._process is None or mapper._process.returncode is not None


def test_a_system_without_threads_to_give(pulled, monkeypatch, told):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    walked, form = pulled
    with Beside(CRA, form) as mapper:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        for raws in walked[:2]:
            mapper.start()
            assert mapper.begin(raws) is None
    assert len(told("no thread for the process that maps: pages are mapped here")) == 1


def test_a_system_without_processes_to_give(pulled, monkeypatch, told):
    walked, form = pulled
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with Beside(CRA, form) as mapper:
        mapper.start()
        assert mapper.begin(walked[0]) is None
    [warning] = told("a process that maps ended early: its pages are mapped here")
    assert (warning["reason"], warning["exit_code"]) == ("FileNotFoundError", None)


def test_a_model_that_it_cannot_find(pulled, told):
    walked, form = pulled
    with Beside(DemarcheSettings(number=CRA_NUMBER, model="only_here:Model"), form) as lost:
        lost.start()
        assert lost.begin(walked[0]) is None
    [warning] = told("a process that maps ended early: its pages are mapped here")
    assert (warning["reason"], warning["exit_code"]) == ("EOFError", 1)


def test_results_can_be_collected_in_any_order(pulled):
    walked, form = pulled
    with Beside(PLAIN, form) as mapper:
        mapper.start()
        tickets = [mapper.begin(raws) for raws in walked[:3]]
        for place in (2, 0, 1):
            there = mapper.collect(tickets[place], Stop())
            assert there == pull_contents(None, walked[place], CRA_NUMBER)


def test_an_end_that_is_asked_for_does_not_wait_for_it(pulled):
    walked, form = pulled
    stop = Stop()
    with Beside(CRA, form) as mapper:
        mapper.start()
        mapper.collect(mapper.begin(walked[0]), stop)
        os.kill(mapper._process.pid, signal.SIGSTOP)
        ticket = mapper.begin(walked[1][:1])
        stop.request(signal.SIGTERM)
        with pytest.raises(InterruptedRunError):
            mapper.collect(ticket, stop)
    assert mapper._process.returncode == -signal.SIGKILL


def test_signals_to_the_whole_family_do_not_end_it(pulled):
    walked, form = pulled
    with Beside(CRA, form) as mapper:
        mapper.start()
        mapper.collect(mapper.begin(walked[0]), Stop())
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(mapper._process.pid, number)
        assert len(mapper.collect(mapper.begin(walked[1]), Stop())) == 25


def test_it_does_not_outlive_a_killed_run():
    program = (
        "from ds_bridge.sandbox.world import CRA_NUMBER\n"
        "from ds_bridge.config import DemarcheSettings\n"
        "from ds_bridge.sync import Stop, beside\n"
        "import sys, time\n"
        "form = {'number': 1, 'title': '', 'revisions': []}\n"
        "form['activeRevision'] = {'id': 'x', 'champDescriptors': []}\n"
        "mapper = beside.Beside(DemarcheSettings(number=1), form)\n"
        "mapper.start()\n"
        "while not mapper.is_ready: time.sleep(0.01)\n"
        "assert mapper.collect(mapper.begin([]), Stop()) == []\n"
        "print(mapper._process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        assert is_running(pid)
        process.kill()
        process.wait()
        wait_until(lambda: not is_running(pid))
