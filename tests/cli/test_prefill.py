"""`prefill link`, `batch` and `follow` as commands: the URL on stdout, the rest on stderr, the code."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ds_bridge.people.batch import MOST_FAILURES_IN_A_ROW
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import Result, run_command, write_sandbox_config

CRA = """
[demarches.cra]
number = 82349
path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
[demarches.cra.champs]
nom = "Q2hhbXAtMzU2NjQ5MQ"
identifiant = "Q2hhbXAtMzU2NjUyMw"
"""
NOM = "champ_Q2hhbXAtMzU2NjQ5MQ"
ROSTER = (
    "Nom de famille;Prénom;ID CoNum;Téléphone\r\n"
    "NOËL;Zoé;4211;=1+1\r\nundefined;Ana;2;\r\n;Luc;3;\r\nPetit;Ana;x;\r\nPetit;Eva;4211;\r\n"
)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2, dossiers=3, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def config(server: SandboxServer, tmp_path: Path) -> Path:
    return write_sandbox_config(tmp_path, server, CRA, attempts=1, timeout_seconds=5)


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_bytes(ROSTER.encode("cp1252"))
    return file


def drafts_of(config: Path) -> list[int | None]:
    with Store.open(f"sqlite:///{config.parent / 'store.db'}") as store:
        return [draft.identifiant for draft in store.drafts(82349)]


def link(config: Path, *arguments: str) -> Result:
    return run_command("prefill", "link", "cra", "--nom", "NOËL", *arguments, config=config)


class TestLink:
    def test_json(self, config: Path) -> None:
        done = link(config, "--identifiant", "4211", "--prenom", "", "--json")
        answer = json.loads(done.out)
        assert (done.code, done.err) == (0, "")
        assert list(answer) == ["url", "method", "length", "omitted", "warnings", "number"]
        assert (answer["method"], answer["length"]) == ("link", len(answer["url"]))
        assert set(answer["omitted"]) >= {"prenom", "email"}
        assert (answer["warnings"], answer["number"]) == ([], None)
        assert parse_qs(urlsplit(answer["url"]).query)[NOM] == ["NOËL"]

    def test_a_draft_is_made_and_kept(self, config: Path, server: SandboxServer) -> None:
        done = link(config, "--identifiant", "4211", "--draft")
        assert (done.code, done.err) == (0, "")
        [draft] = server.world.drafts.values()
        assert done.out.strip().endswith(f"?prefill_token={draft.token}")
        assert drafts_of(config) == [4211]
        again = link(config, "--identifiant", "4211", "--draft")
        assert f"this person has another draft already: dossier {draft.number}, prefilled" in again.err

    def test_a_link_too_long_is_a_draft_and_says_so(self, config: Path) -> None:
        done = link(config, "--prenom", "é" * 700)
        assert (done.code, done.out.count("prefill_token=")) == (0, 1)
        assert "a draft, since the link would be" in done.err

    def test_an_unknown_outcome_is_told_and_ends_with_4(self, config: Path, server: SandboxServer) -> None:
        server.faults.add(Fault(action="drop", operation="CreateDraft"))
        done = link(config, "--draft")
        assert (done.code, done.out) == (4, "")
        assert "it may have been made" in done.err
        assert len(server.world.drafts) == 1
        assert drafts_of(config) == []

    def test_a_champ_the_form_does_not_have(self, config: Path) -> None:
        done = link(config, "--set", "Q2hhbXAtMQ=x")
        assert (done.code, done.out) == (2, "")
        assert "has no such champ" in done.err

    def test_offline_nothing_is_checked_and_it_says_so(self, config: Path) -> None:
        done = link(config, "--set", "Q2hhbXAtMQ=x", "--offline")
        assert (done.code, "champ_Q2hhbXAtMQ=x" in done.out) == (0, True)
        assert done.err == "ds-bridge: nothing was checked against the form (--offline)\n"

    def test_a_platform_that_is_down_does_not_keep_a_link_back(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        config = tmp_path / "ds-bridge.toml"
        config.write_text(f'[api]\nurl = "http://127.0.0.1:{port}"\n{CRA}')
        done = link(config)
        assert (done.code, done.out.count("identite_nom")) == (0, 1)
        assert "nothing was checked against the form: " in done.err
        assert not (tmp_path / "ds-bridge.db").exists()

    def test_a_closed_demarche_gives_no_link(self, config: Path, server: SandboxServer) -> None:
        server.world.set_demarche(82349, state="close")
        done = link(config)
        assert (done.code, done.out) == (2, "")
        assert "closed" in done.err


class TestBatch:
    def run(self, config: Path, roster: Path, *arguments: str) -> Result:
        return run_command("prefill", "batch", "cra", str(roster), *arguments, config=config)

    def test_the_same_rows_with_their_links(self, config: Path, roster: Path) -> None:
        done = self.run(config, roster)
        rows = list(csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff"), newline=""), delimiter=";"))
        assert done.code == 0
        assert [row["Nom de famille"] for row in rows] == ["NOËL", "undefined", "", "Petit", "Petit"]
        assert list(rows[0])[-4:] == ["url", "method", "warnings", "problem"]
        assert parse_qs(urlsplit(rows[0]["url"]).query)[NOM] == ["NOËL"]
        assert (rows[0]["Téléphone"], rows[0]["method"]) == ("'=1+1", "link")
        assert rows[0]["warnings"] == "ID CoNum: the same stands on row 6"
        assert [row["problem"].partition(":")[0] for row in rows] == [
            "", "Nom de famille", "Nom de famille", "ID CoNum", "",
        ]  # fmt: skip
        assert done.err.splitlines() == [
            "ds-bridge: 'roster.csv': read as Windows-1252, not being UTF-8",
            "ds-bridge: columns kept and not used: 'Téléphone'",
            "5 rows: 2 links, 0 drafts, 3 with a problem, 2 with a warning",
        ]

    def test_strict_ends_with_5(self, config: Path, roster: Path) -> None:
        assert self.run(config, roster, "--strict").code == 5

    def test_drafts_into_a_file_of_another_format(
        self, config: Path, roster: Path, server: SandboxServer, tmp_path: Path
    ) -> None:
        out = tmp_path / "out.json"
        done = self.run(config, roster, "--draft", "-o", str(out))
        assert (done.code, done.out) == (0, "")
        written = json.loads(out.read_bytes())
        assert [row["method"] for row in written] == ["draft", None, None, None, "draft"]
        assert "this person has another draft already" in written[4]["warnings"][1]
        assert drafts_of(config) == [4211, 4211]
        assert len(server.world.drafts) == 2
        assert out.stat().st_mode & 0o777 == 0o600

    def test_a_platform_that_fails_leaves_a_whole_file(
        self, config: Path, server: SandboxServer, tmp_path: Path
    ) -> None:
        roster, out = tmp_path / "many.csv", tmp_path / "out.csv"
        roster.write_text("nom,identifiant\n" + "".join(f"N,{number}\n" for number in range(1, 8)))
        server.faults.add(Fault(action="status", status=503, operation="CreateDraft", early=True))
        done = self.run(config, roster, "--draft", "-o", str(out))
        assert done.code == 4
        rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
        assert len(rows) == 7
        assert all("may have been made" in row["problem"] for row in rows[:MOST_FAILURES_IN_A_ROW])
        assert all(row["problem"].startswith("not asked for") for row in rows[MOST_FAILURES_IN_A_ROW:])
        assert "3 drafts of unknown outcome, 4 not asked for" in done.err

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("r.csv", b"couleur;taille\nbleu;3\n", "no column of the roster is known"),
            ("r.csv", b"nom;prenom\n", "headings and no row"),
            ("r.json", b"{", "not valid JSON"),
            ("r.xlsx", b"PK\x03\x04", "not a spreadsheet"),
        ],
    )
    def test_no_row_at_all_ends_with_2(
        self, config: Path, tmp_path: Path, name: str, content: bytes, words: str
    ) -> None:
        roster = tmp_path / name
        roster.write_bytes(content)
        done = self.run(config, roster)
        assert (done.code, done.out) == (2, "")
        assert words in done.err

    def test_outputs_that_cannot_be(self, config: Path, roster: Path, tmp_path: Path) -> None:
        for arguments, words in (
            (("-o", str(roster)), "the output is the roster itself"),
            (("-o", str(tmp_path / "x.ods")), "written as .xlsx"),
            (("-o", str(tmp_path / "no" / "x.csv")), "cannot be written"),
        ):
            done = self.run(config, roster, *arguments)
            assert (done.code, words in done.err) == (2, True), done.err
        assert self.run(config, tmp_path / "absent.csv").code == 2
        assert roster.read_bytes() == ROSTER.encode("cp1252")

    def test_from_stdin_in_a_pipe(self, config: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ds_bridge", "prefill", "batch", "cra", "-", "--config", str(config)],
            input=b'{"nom": "Zo\xc3\xa9", "id": 4}\n',
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["method"] == "link"

    def test_a_signal_leaves_what_was_made(self, config: Path, server: SandboxServer, tmp_path: Path) -> None:
        roster, out = tmp_path / "many.csv", tmp_path / "out.csv"
        roster.write_text("nom,identifiant\n" + "".join(f"N,{number}\n" for number in range(1, 30)))
        command = ["prefill", "batch", "cra", str(roster), "--draft", "-o", str(out), "--config", str(config)]
        with subprocess.Popen(
            [sys.executable, "-m", "ds_bridge", *command], stderr=subprocess.PIPE, text=True
        ) as process:
            give_up_at = time.monotonic() + 60
            while len(server.world.drafts) < 15 and time.monotonic() < give_up_at:
                time.sleep(0.02)  # the sixteenth waits for the platform's limit
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        assert process.returncode == 143, err
        rows = list(csv.DictReader(io.StringIO(out.read_text(), newline="")))
        made = [row["identifiant"] for row in rows if row["url"]]
        assert [int(number) for number in made] == drafts_of(config) == list(range(1, 16))
        assert len(rows) == 29
        assert "14 " in err


class TestFollow:
    def test_table_json_and_counts(self, config: Path, server: SandboxServer) -> None:
        for number in ("1", "2"):
            link(config, "--identifiant", number, "--draft")
        first, second = server.world.drafts
        server.world.claim_draft(first, "a@example.org")
        server.world.deposit(first, "a@example.org")
        done = run_command("prefill", "follow", "cra", "--json", config=config)
        assert done.code == 0, done.err
        assert [(each["identifiant"], each["state"]) for each in json.loads(done.out)] == [
            (1, "deposited"), (2, "prefilled"),
        ]  # fmt: skip
        assert done.err == "cra: 2 drafts (1 deposited, 1 prefilled), 1 with news\n"
        table = run_command("prefill", "follow", "cra", config=config)
        assert [line.split()[:3] for line in table.out.splitlines()[1:]] == [
            [str(server.world.drafts[token].number), number, state]
            for token, number, state in ((first, "1", "deposited"), (second, "2", "prefilled"))
        ]
        assert first not in table.out + done.out

    def test_those_that_die_within_a_day_are_named(self, config: Path, server: SandboxServer) -> None:
        link(config, "--draft")
        with Store.open(f"sqlite:///{config.parent / 'store.db'}") as store:
            [draft] = store.drafts(82349)
            soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
            store.save_drafts(82349, [replace(draft, expires_at=soon)])
        done = run_command("prefill", "follow", "cra", config=config)
        assert f"1 drafts that nobody has claimed die within 24 hours: {draft.number} (" in done.err

    def test_a_platform_that_is_down_ends_with_4_and_shows_what_is_known(
        self, config: Path, server: SandboxServer
    ) -> None:
        link(config, "--draft")
        server.faults.add(Fault(action="drop", operation="FollowDrafts"))
        done = run_command("prefill", "follow", "cra", config=config)
        assert (done.code, "prefilled" in done.out) == (4, True)
        assert "the other drafts keep their last known state" in done.err

    def test_without_a_store(self, config: Path) -> None:
        done = run_command("prefill", "follow", "cra", config=config)
        assert done.code == 1
        assert "no store" in done.err
