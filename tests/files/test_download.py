"""Downloads from the sandbox: once, whole, private, again when cut, and never what was not announced."""

import datetime as dt
import stat

import pytest

from ds_bridge.errors import AccessError, InterruptedRunError, LockedError, PlatformUnavailableError
from ds_bridge.files.disk import open_folder
from ds_bridge.files.wanted import list_wanted
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER
from ds_bridge.store import Store
from tests.files.conftest import Impatient

HOUR = dt.timedelta(hours=1)
LONG = "".join(f"{line:07d}\n" for line in range(50_000))


def parts(bench):
    return list(bench.folder.rglob("*.part"))


def test_files_come_once_privately_and_are_in_the_manifest(bench):
    bench.put(("statuts.txt", "un"), ("STATUTS.txt", "deux"), ("statuts.txt", "un"), ("../a/b.txt", ""))
    summary = bench.fetch()
    assert (summary.fetched, summary.unchanged, summary.received_bytes, summary.problems) == (4, 0, 8, [])
    assert bench.contents() == ["", "deux", "un", "un"]
    lines = bench.store.files(ALL_KINDS_NUMBER, bench.number)
    assert [line.filename for line in lines] == ["statuts.txt", "STATUTS.txt", "statuts.txt", "../a/b.txt"]
    assert [line.position for line in lines] == [0, 1, 2, 3]
    for line in lines:
        assert line.problem is None
        assert line.fetched_at is not None
        assert line.path is not None
        assert line.path.startswith(f"{bench.folder}/{bench.number}/")
        assert ".." not in line.path
    assert {stat.S_IMODE(path.stat().st_mode) for path in bench.folder.rglob("*.txt")} == {0o600}
    folders = [bench.folder, bench.folder / str(bench.number)]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]
    asked = len(bench.downloads())
    again = bench.fetch()
    assert (again.fetched, again.unchanged, again.received_bytes) == (0, 4, 0)
    assert len(bench.downloads()) == asked
    assert parts(bench) == []


def test_no_token_goes_along(bench):
    bench.put(("a.txt", "un"))
    bench.fetch()
    assert [entry.variables for entry in bench.downloads()] == [{"range": ""}]


def test_a_replaced_file_comes_beside_the_old_one(bench):
    bench.put(("a.txt", "un"))
    bench.fetch()
    bench.put(("a.txt", "deux"))
    assert bench.fetch().fetched == 1
    assert bench.contents() == ["deux", "un"]
    (line,) = bench.store.files(ALL_KINDS_NUMBER)
    assert line.path.endswith("-a.txt")
    assert line.size == 4


def test_a_file_removed_by_hand_comes_again(bench):
    bench.put(("a.txt", "un"))
    bench.fetch()
    for path in bench.folder.rglob("*.txt"):
        path.unlink()
    assert bench.fetch().fetched == 1
    assert bench.contents() == ["un"]


def test_what_a_killed_run_brought_is_not_downloaded_again(bench, tmp_path):
    bench.put(("a.txt", "un"))
    bench.fetch()
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as store:
        bench.store = store
        bench.sync()
        summary = bench.fetch()
    assert (summary.fetched, summary.received_bytes) == (1, 0)
    assert len(bench.downloads()) == 1


def test_old_addresses_are_asked_for_again_before(bench):
    bench.put(("a.txt", "un"))
    bench.server.world.advance(2 * HOUR)
    bench.server.journal.clear()
    assert bench.fetch(now=bench.now).fetched == 1
    assert [entry.operation for entry in bench.server.journal.entries()] == ["Dossier", "File"]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refused_address_is_asked_for_again(bench, status):
    bench.put(("a.txt", "un"))
    bench.server.faults.add(Fault(action="status", operation="File", status=status, times=1))
    bench.server.journal.clear()
    assert bench.fetch().fetched == 1
    operations = [entry.operation for entry in bench.server.journal.entries()]
    assert operations == ["File", "Dossier", "File"]
    assert bench.contents() == ["un"]


def test_an_address_that_ended_is_refused_by_the_sandbox_and_asked_for_again(bench):
    bench.put(("a.txt", "un"))
    bench.server.world.advance(2 * HOUR)
    assert bench.fetch().fetched == 1  # our clock says it is young
    assert [entry.status for entry in bench.downloads()] == [403, 200]


def test_an_address_refused_twice_is_a_problem_and_the_others_come(bench):
    bench.put(("a.txt", "un"), ("b.txt", "deux"))
    bench.server.faults.add(Fault(action="status", operation="File", status=403, times=2))
    summary = bench.fetch()
    assert summary.fetched == 1
    assert [problem["problem"] for problem in summary.problems] == ["its address answers 403"]
    assert bench.contents() == ["deux"]
    assert bench.fetch().fetched == 1
    assert bench.contents() == ["deux", "un"]


def test_a_cut_download_goes_on_where_it_was(bench):
    bench.put(("long.txt", LONG))
    bench.server.faults.add(Fault(action="drop_inside", operation="File", times=2))
    summary = bench.fetch()
    assert (summary.fetched, summary.problems) == (1, [])
    assert bench.contents() == [LONG]
    ranges = [entry.variables["range"] for entry in bench.downloads()]
    assert ranges[0] == ""
    assert len(ranges) > 1
    assert bench.downloads()[-1].status in (200, 206)


def test_the_next_run_goes_on_where_a_run_stopped(bench):
    bench.put(("long.txt", LONG))
    (wanted,) = list_wanted(_raw(bench))
    bench.fetch()
    (path,) = bench.folder.rglob("*-long.txt")
    path.with_name(path.name + ".part").write_bytes(LONG.encode()[:100_000])
    path.unlink()
    bench.server.journal.clear()
    assert bench.fetch().fetched == 1
    (asked,) = bench.downloads()
    assert (asked.variables["range"], asked.status) == ("bytes=100000-", 206)
    assert asked.size == wanted.size - 100_000
    assert bench.contents() == [LONG]


def _raw(bench):
    (dossier,) = bench.store.dossiers(ALL_KINDS_NUMBER)
    return dossier.raw


@pytest.mark.parametrize("junk", [b"x" * 1000, b"x" * 1_000_000])
def test_a_part_of_something_else_is_thrown_away(bench, junk):
    bench.put(("long.txt", LONG))
    bench.fetch()
    (path,) = bench.folder.rglob("*-long.txt")
    path.rename(path.with_name(path.name + ".part"))
    path.with_name(path.name + ".part").write_bytes(junk)
    assert bench.fetch().fetched == 1
    assert bench.contents() == [LONG]
    assert parts(bench) == []


@pytest.mark.parametrize("action", ["wrong_bytes", "truncated", "server_error", "drop", "html"])
def test_a_passing_fault_costs_nothing(bench, action):
    bench.put(("a.txt", "contenu " * 100))
    bench.server.faults.add(Fault(action=action, operation="File", times=1))
    assert bench.fetch().fetched == 1
    assert bench.contents() == ["contenu " * 100]


def test_wrong_bytes_are_never_a_file(bench):
    bench.put(("a.txt", "un"), ("b.txt", "deux"))
    bench.server.faults.add(Fault(action="wrong_bytes", operation="File", times=2))
    summary = bench.fetch()
    assert summary.fetched == 1
    (problem,) = summary.problems
    assert problem["problem"] == "its content does not have the announced checksum"
    assert problem["dossier"] == bench.number
    assert bench.contents() == ["deux"]
    assert parts(bench) == []
    lines = bench.store.files(ALL_KINDS_NUMBER)
    assert [(line.path is None, line.problem is None) for line in lines] == [(True, False), (False, True)]


def test_a_platform_that_is_down_ends_the_run(bench):
    bench.put(*((f"{number}.txt", str(number)) for number in range(12)))
    bench.server.faults.add(Fault(action="drop", operation="File"))
    with pytest.raises(PlatformUnavailableError, match="10 files in a row did not come"):
        bench.fetch()


def test_a_refused_token_ends_the_run(bench):
    bench.put(("a.txt", "un"))
    api = bench.settings.api.model_copy(update={"token": bench.server.world.token("expired")})
    bench.settings = bench.settings.model_copy(update={"api": type(api).model_validate(api.model_dump())})
    bench.server.world.advance(2 * HOUR)
    with pytest.raises(AccessError):
        bench.fetch(now=bench.now)


def test_a_dossier_that_is_gone_is_a_problem(bench):
    bench.put(("a.txt", "un"))
    bench.server.world.delete(bench.number)
    bench.server.world.advance(2 * HOUR)
    summary = bench.fetch(now=bench.now)
    assert [problem["problem"] for problem in summary.problems] == [
        "the platform does not have its dossier any more"
    ]


def test_limits(bench):
    bench.put(("small.txt", "x"), ("long.txt", "y" * (1 << 20)), ("longer.txt", "z" * ((1 << 20) + 1)))
    bench.configure(max_file_mib=1, max_run_mib=1)
    summary = bench.fetch()
    assert [problem["problem"] for problem in summary.problems] == [
        "this run already brought what files.max_run_mib allows: run again",
        "1048577 bytes, more than files.max_file_mib allows",
    ]
    assert bench.contents() == ["x"]
    assert bench.fetch().fetched == 1


def test_two_runs_do_not_share_a_folder(bench):
    bench.put(("a.txt", "un"))
    with open_folder(bench.folder), pytest.raises(LockedError, match="another run downloads"):
        bench.fetch()
    assert bench.fetch().fetched == 1


def test_a_stopped_run_says_so_and_the_next_goes_on(bench):
    bench.put(("a.txt", "un"), ("b.txt", "deux"))
    stop = Impatient()
    stop.request()
    with pytest.raises(InterruptedRunError):
        bench.fetch(stop=stop)
    assert bench.fetch().fetched == 2


def test_attachments_and_attestations_when_asked(bench):
    bench.put(("a.txt", "un"))
    assert bench.fetch().fetched == 1
    bench.server.world.change_state(bench.number, "accepte")
    summary = bench.fetch(extras=frozenset({"attestations", "messages", "annotations", "avis"}))
    assert summary.problems == []
    sources = {line.source for line in bench.store.files(ALL_KINDS_NUMBER)}
    expected = {"champ", "attestation"} | ({"message", "annotation"} if bench.number % 2 == 0 else set())
    assert sources == expected
    assert f"Attestation du dossier {bench.number}\n" in bench.contents()
