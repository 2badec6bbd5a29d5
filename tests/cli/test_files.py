"""`ds-bridge files`: what it prints, where it writes, what it ends with."""

import json

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World
from tests.cli.commands import run_command, write_sandbox_config


@pytest.fixture(scope="module")
def server():
    world = World(seed=1)
    world.seed_dossiers(4, ALL_KINDS_NUMBER)
    with SandboxServer(world=world, requests_per_minute=None) as running:
        yield running


@pytest.fixture
def config(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server.faults.clear()
    file = write_sandbox_config(
        tmp_path, server, f"[demarches.tout]\nnumber = {ALL_KINDS_NUMBER}\n", attempts=1
    )
    assert run_command("sync", config=file).code == 0
    return file


def test_files_come_into_a_folder_of_the_demarche(config, tmp_path):
    done = run_command("files", "tout", "--json", config=config)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["folder"] == str(tmp_path / "files" / "tout")
    assert (told["name"], told["dossiers"], told["failed"], told["problems"]) == ("tout", 4, 0, [])
    assert told["fetched"] == len([path for path in tmp_path.rglob("files/tout/*/*") if path.is_file()]) > 0
    assert done.err.endswith(
        f"tout: {told['fetched']} files fetched ({told['received_bytes']} bytes), 0 there already, 0 failed,"
        " of 4 dossiers\n"
    )
    again = run_command("files", "tout", config=config)
    assert (again.code, again.out) == (0, "")
    assert f"0 files fetched (0 bytes), {told['fetched']} there already" in again.err


def test_more_files_when_asked(config, tmp_path):
    plain = json.loads(run_command("files", "tout", "--to", "out", "--json", config=config).out)
    done = run_command(
        "files", "tout", "--to", "out", "--with", "messages,attestations", "--json", config=config
    )
    more = json.loads(done.out)
    assert (more["unchanged"], more["folder"]) == (plain["fetched"], str(tmp_path / "out"))
    assert more["fetched"] > 0


def test_since_leaves_older_dossiers_alone(config):
    done = run_command("files", "tout", "--since", "2999-01-01", "--json", config=config)
    assert json.loads(done.out)["dossiers"] == 0


def test_what_could_not_be_had_is_said_and_counts_with_strict(config, server):
    server.faults.add(Fault(action="wrong_bytes", operation="File", times=2))
    done = run_command("files", "tout", "--jobs", "1", "--strict", "--to", "strict", config=config)
    assert done.code == 5
    assert "its content does not have the announced checksum" in done.err
    assert "1 failed" in done.err
    assert "/sandbox/files/" not in done.err
    assert run_command("files", "tout", "--strict", "--to", "strict", config=config).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["files", "tuot"], 2, "no démarche named 'tuot'"),
        (["files", "tout", "--with", "mesages"], 2, "--with: no such files: mesages (known: annotations"),
        (["files", "tout", "--jobs", "0"], 2, "--jobs"),
    ],
)
def test_what_is_wrong_is_one_line(config, arguments, code, said):
    done = run_command(*arguments, config=config)
    assert done.code == code
    assert said in done.err


def test_without_a_store_it_says_what_to_do_first(server, tmp_path):
    file = write_sandbox_config(tmp_path, server, f"[demarches.tout]\nnumber = {ALL_KINDS_NUMBER}\n")
    done = run_command("files", "tout", "--to", str(tmp_path / "out"), config=file)
    assert (done.code, "run ds-bridge sync first" in done.err) == (1, True)
    assert not (tmp_path / "out").exists()
