"""`sync` of several démarches: a common pace and stop, a line for each, one code; one may fail alone."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ds_bridge.config import load_settings
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Orders, Stop, sync_demarches
from tests.cli.commands import run_command, write_sandbox_config
from tests.postgres import shared_server

OTHER = 99001
CRA = f'[demarches.cra]\nnumber = {CRA_NUMBER}\nmodel = "ds_bridge.cra:CompteRendu"\n'
AUTRE = f"[demarches.autre]\nnumber = {OTHER}\n"
ABSENTE = "[demarches.absente]\nnumber = 4\n"
SANS_MODELE = f'[demarches.sans]\nnumber = {OTHER}\nmodel = "nowhere:Nothing"\n'


@pytest.fixture
def server():
    with SandboxServer(seed=6, dossiers=40, requests_per_minute=None) as server:
        yield server


def count(folder, number):
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        return store.count(number)


def count_shown(server):
    dossiers = server.world.demarches[CRA_NUMBER].dossiers.values()
    return sum(not dossier.is_pending_deletion for dossier in dossiers)


def lines_of(result):
    return [line.split(":")[0] + ":" + line.split(":")[1].split(",")[0] for line in result.err.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_one_failure_does_not_stop_the_others(server, tmp_path, jobs):
    config = write_sandbox_config(tmp_path, server, ABSENTE + SANS_MODELE + CRA)
    result = run_command("sync", "--jobs", jobs, "--json", config=config)
    assert result.code == 2
    summaries = json.loads(result.out)
    assert [(each["name"], each["outcome"]) for each in summaries] == [
        ("absente", "failed"), ("sans", "failed"), ("cra", "complete"),
    ]  # fmt: skip
    assert "not_found" in summaries[0]["error"]
    assert "nowhere:Nothing" in summaries[1]["error"]
    assert summaries[2]["created"] == count(tmp_path, CRA_NUMBER) == count_shown(server)
    assert [line for line in lines_of(result) if not line[0].isdigit()] == [
        "absente: FAILED", "sans: FAILED", "cra: complete",
    ]  # fmt: skip


def test_the_order_is_the_configuration_s_and_each_comes_once(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    result = run_command("sync", "autre", "cra", "autre", "--jobs", "4", config=config)
    assert result.code == 0
    assert lines_of(result) == ["cra: complete", "autre: complete"]


def test_an_unknown_name_runs_nothing(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    result = run_command("sync", "cra", "autres", config=config)
    assert (result.code, result.out) == (2, "")
    assert "did you mean 'autre'" in result.err
    assert not (tmp_path / "store.db").exists()


def test_a_refused_token_is_worse_than_an_absent_demarche(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    config.write_text(config.read_text().replace(server.token, "refused"))
    result = run_command("sync", "--json", config=config)
    assert result.code == 3
    assert [each["outcome"] for each in json.loads(result.out)] == ["failed", "failed"]


def test_jobs_on_postgresql(server, tmp_path):
    url = shared_server().create_database()
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    config.write_text(config.read_text().replace("sqlite:///store.db", url))
    result = run_command("sync", "--jobs", "2", "--json", config=config)
    assert result.code == 0, result.err
    with Store.open(url) as store:
        assert [each["created"] for each in json.loads(result.out)] == [
            store.count(CRA_NUMBER), store.count(OTHER),
        ]  # fmt: skip


class Impatient(Stop):
    """Ends the run at the first wait."""

    def sleep(self, seconds):
        self.request()
        self.check()


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_pace_for_all(server, tmp_path, jobs):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE, requests_per_minute=5)
    orders = Orders(jobs=jobs, stop=Impatient())
    summaries = sync_demarches(load_settings(config), ["cra", "autre"], orders)
    assert sum(each.requests for each in summaries) == len(server.journal.entries()) == 5
    assert summaries[1].exit_code == 130


def test_full_and_yes(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    assert run_command("sync", config=config).code == 0
    # What vanishes without a deletion: only a sweep can see it.
    home = server.world.demarches[CRA_NUMBER]
    gone = sorted(home.dossiers)[:20]
    for number in gone:
        home._unlist(home.dossiers.pop(number))
    assert run_command("sync", config=config).code == 0
    before = count(tmp_path, CRA_NUMBER)
    refused = run_command("sync", "--full", config=config)
    assert refused.code == 2
    assert "run again with --full --yes" in refused.err
    assert count(tmp_path, CRA_NUMBER) == before
    result = run_command("sync", "--full", "--yes", "--json", config=config)
    assert result.code == 0, result.err
    assert json.loads(result.out)[0]["deleted"] == before - count(tmp_path, CRA_NUMBER) > 10


def test_strict(server, tmp_path):
    server.faults.poison(max(server.world.demarches[CRA_NUMBER].dossiers), "invalid_null")
    config = write_sandbox_config(tmp_path, server, AUTRE + CRA)
    result = run_command("sync", "--strict", config=config)
    assert result.code == 5
    assert "1 set aside (see: ds-bridge status cra)" in result.err.splitlines()[-1]
    assert run_command("sync", config=config).code == 0


def read_outcomes(file):
    families = {family.name: family for family in text_string_to_metric_families(file.read_text())}
    return {
        sample.labels["demarche"]: sample.labels["outcome"]
        for sample in families["ds_bridge_last_run_outcome"].samples
        if sample.value
    }


def test_metrics_of_the_whole_configuration(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE + ABSENTE)
    file = tmp_path / "ds-bridge.prom"
    assert run_command("sync", "autre", config=config).code == 0
    assert run_command("sync", "cra", "absente", "--metrics", str(file), config=config).code == 2
    assert read_outcomes(file) == {"cra": "complete", "autre": "complete", "absente": "failed"}


def test_metrics_of_a_night_without_a_store(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.write_text(config.read_text().replace("sqlite:///store.db", "sqlite:///missing/store.db"))
    file = tmp_path / "ds-bridge.prom"
    result = run_command("sync", "--metrics", str(file), config=config)
    assert result.code == 1
    assert "does not exist: create it first" in result.err
    assert read_outcomes(file) == {"cra": "failed"}


def test_metrics_that_cannot_be_written_do_not_hide_the_night(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    result = run_command("sync", "--metrics", str(tmp_path / "missing" / "m.prom"), config=config)
    assert result.code == 1
    assert lines_of(result)[0] == "cra: complete"
    assert result.err.splitlines()[-1].startswith("ds-bridge: metrics ")


@contextmanager
def started(config, *options):
    """A sync in a process of its own, gone when the test is, whatever happened."""
    with subprocess.Popen(
        [sys.executable, "-m", "ds_bridge", "sync", "-v", "--config", str(config), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("DS_BRIDGE_")},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process, pattern, times=1):
    for line in process.stderr:
        times -= re.search(pattern, line) is not None
        if not times:
            return
    raise AssertionError(f"never said {pattern!r}")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_sigterm_ends_a_wait_and_says_how_to_go_on(server, tmp_path, jobs):
    server.faults.add(Fault(action="limit", reset_seconds=600))
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    with started(config, "--json", "--jobs", jobs) as process:
        # Whoever meets the 429 first closes the gate for the other, who then waits without asking.
        read_until(process, "RateLimitedError|waiting", times=int(jobs))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert [(each["outcome"], each["seen"]) for each in json.loads(out)] == [("interrupted", 0)] * 2
    said = [line for line in err.splitlines() if line.startswith(("cra:", "autre:"))]
    assert len(said) == 2
    assert all("stopped by SIGTERM" in line and "run the same command again" in line for line in said)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_second_signal_ends_at_once(server, tmp_path, jobs):
    server.faults.add(Fault(action="never", operation="DossiersPage", after_cursor=True))
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE, page_size=5)
    with started(config, "--jobs", jobs) as process:
        read_until(process, "page stored")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert count(tmp_path, CRA_NUMBER) % 5 == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_ours_ends_its_demarche_only(server, tmp_path, jobs):
    def explode(summary):
        if summary.name == "cra":
            raise KeyError("Dupont")

    config = write_sandbox_config(tmp_path, server, CRA + AUTRE)
    orders = Orders(jobs=jobs, progress=explode)
    faulty, other = sync_demarches(load_settings(config), ["cra", "autre"], orders)
    assert (faulty.outcome, faulty.exit_code, other.outcome) == ("failed", 1, "complete")
    assert faulty.error.startswith("a fault of ds-bridge, or of the démarche's model: KeyError at ")
    assert "test_sync_options.py:" in faulty.error
    assert "Dupont" not in faulty.error
    [status] = json.loads(run_command("status", "cra", "--json", config=config).out)
    assert status["last_run"]["outcome"] == "failed"


def test_a_fault_in_a_model_quotes_nobody(server, tmp_path, monkeypatch):
    (tmp_path / "faulty.py").write_text(
        "from ds_bridge.cra import CompteRendu\n"
        "def explode(value, context):\n"
        "    raise KeyError(value.identite.nom)\n"
        "class Faulty(CompteRendu):\n"
        "    rules = (explode,)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    broken = f'[demarches.faux]\nnumber = {CRA_NUMBER}\nmodel = "faulty:Faulty"\n'
    config = write_sandbox_config(tmp_path, server, broken)
    synced = run_command("sync", config=config)
    assert synced.code == 0, "the dossiers are stored, invalid"
    remapped = run_command("remap", "faux", config=config)
    assert remapped.code == 1
    assert "KeyError at mapper.py" in remapped.err
    assert "faulty.py:3" in remapped.err
    names = {d.identity.nom for d in server.world.demarches[CRA_NUMBER].dossiers.values() if d.identity.nom}
    printed = synced.out + synced.err + remapped.out + remapped.err
    assert not [name for name in names if len(name) > 3 and name in printed]


@pytest.mark.parametrize("way", ["ends", "states", "groupes"])
def test_a_first_load_in_parallel(server, tmp_path, way):
    config = write_sandbox_config(tmp_path, server, CRA + AUTRE, page_size=5)
    result = run_command("sync", "--parallel", way, "--walkers", "3", "--json", config=config)
    assert (result.code, [each["outcome"] for each in json.loads(result.out)]) == (0, ["complete"] * 2)
    assert count(tmp_path, CRA_NUMBER) == count_shown(server)
    asked = server.journal.entries("GroupeDossiersPage" if way == "groupes" else "DossiersPage")
    assert {"ends": "last", "states": "state", "groupes": "first"}[way] in {
        name for entry in asked for name in entry.variables
    }
    again = run_command("sync", "--parallel", way, "-v", config=config)
    assert again.err.count("not a first load: pulled in order") == 2


@pytest.mark.parametrize("options", [["--parallel", "sides"], ["--parallel", "ends", "--walkers", "9"]])
def test_a_way_of_loading_that_is_none(server, tmp_path, options):
    config = write_sandbox_config(tmp_path, server, CRA)
    assert run_command("sync", *options, config=config).code == 2


def test_two_names_of_one_demarche(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA + "[demarches.libre]\nnumber = 82349\n")
    done = run_command("sync", config=config)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "ds-bridge: cra and libre are one démarche, 82349: sync one of them by its name"
    )
    assert run_command("sync", "libre", config=config).code == 0


def test_walkers_of_no_load(server, tmp_path):
    done = run_command("sync", "--walkers", "3", config=write_sandbox_config(tmp_path, server, CRA))
    assert (done.code, done.err) == (2, "ds-bridge: --walkers goes with --parallel\n")
