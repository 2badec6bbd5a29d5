"""Where a person is: every word of `next`, what ties a dossier to them, and a count over the whole dump."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ds_bridge
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings, Settings, StoreSettings
from ds_bridge.dump import dump_dossiers
from ds_bridge.errors import ConfigurationError, PrefillError, StoreError
from ds_bridge.people.coverage import cover
from ds_bridge.people.roster import read_roster
from ds_bridge.people.where import NOTHING, look, where
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import DossierEntry, Store
from ds_bridge.sync import sync_demarche
from ds_bridge.sync.remap import remap_demarche
from tests.cli.commands import run_command, write_sandbox_config
from tests.store.samples import DEMARCHE, NOON, at, make_draft, make_entry

CRA = DemarcheSettings(number=DEMARCHE, path="p", model="ds_bridge.cra:CompteRendu")
ASKED = "2024-05-30T10:00:00+02:00"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    return Settings(api=ApiSettings(url="https://x.fr"), store=StoreSettings(url=url), demarches={"cra": CRA})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store.url) as store:
        store.save_person_champs(DEMARCHE, "k")
        store.begin_run(DEMARCHE, "r", NOON)
        store.finish_run("r", {"outcome": "complete"}, at(1))
        yield store


def entry(number: int, state: str = "en_construction", *, asked: str | None = None) -> DossierEntry:
    made = make_entry(number, state=state)
    return replace(made, person=4211, raw=made.raw | {"dateDerniereCorrectionEnAttente": asked})


def find(settings: Settings, store: Store, now: dt.datetime = NOON) -> ds_bridge.Whereabouts:
    return look(settings, "cra", 4211, store, "k", now)


def test_nothing_is_known(settings: Settings, store: Store) -> None:
    found = find(settings, store)
    assert (found.next, found.drafts, found.dossiers, found.as_of, found.warnings) == (
        NOTHING,
        [],
        [],
        NOON,
        (),
    )


@pytest.mark.parametrize(
    ("state", "asked", "expected"),
    [
        ("en_construction", None, "deposited"),
        ("en_construction", ASKED, "correction asked for"),
        ("en_instruction", None, "under instruction"),
        ("accepte", None, "accepted"),
        ("refuse", None, "refused"),
        ("sans_suite", None, "closed without follow-up"),
        ("etat_de_demain", None, "etat_de_demain"),
    ],
)
def test_a_dossier(settings: Settings, store: Store, state: str, asked: str | None, expected: str) -> None:
    store.save_page(DEMARCHE, [entry(7, state, asked=asked)], None)
    found = find(settings, store)
    assert found.next == expected
    assert [each.to_json() for each in found.dossiers] == [
        {
            "number": 7,
            "state": state,
            "next": expected,
            "by": "identifiant",
            "deposited_at": "2024-05-29T12:00:00+00:00",
            "modified_at": "2024-05-30T12:00:00+00:00",
            "correction_asked_at": asked,
            "valid": True,
            "anomalies": {"error": 0, "warning": 0},
            "url": "https://x.fr/dossiers/7",
        }
    ]


@pytest.mark.parametrize(
    ("state", "hours", "expected", "until"),
    [
        ("prefilled", 0, "prefilled, not opened", "2024-06-04T12:00:00+00:00"),
        ("prefilled", 120, "draft expired", "2024-06-04T12:00:00+00:00"),
        ("claimed", 0, "opened, not deposited", None),
        ("deposited", 0, "deposited", None),
        ("processed", 0, "processed", None),
        ("gone", 0, "draft gone", None),
    ],
)
def test_a_draft(
    settings: Settings, store: Store, state: Any, hours: int, expected: str, until: str | None
) -> None:
    gone = NOON if state == "gone" else None
    store.save_drafts(DEMARCHE, [make_draft(3, identifiant=4211, state=state, gone_at=gone)])
    found = find(settings, store, at(hours))
    assert (found.next, found.drafts[0].to_json()["until"]) == (expected, until)


def test_a_draft_whose_dossier_has_come_is_deposited(settings: Settings, store: Store) -> None:
    store.save_drafts(DEMARCHE, [make_draft(3, identifiant=4211)])
    store.save_page(DEMARCHE, [replace(entry(3, "accepte"), person=None)], None)
    found = find(settings, store)
    assert [(each.state, each.next, each.until) for each in found.drafts] == [("deposited", "accepted", None)]
    assert [(each.number, each.by) for each in found.dossiers] == [(3, "draft")]
    assert found.next == "accepted"


def test_what_is_to_be_done_comes_first_then_what_was_begun_last(settings: Settings, store: Store) -> None:
    store.save_page(DEMARCHE, [entry(1, "accepte")], None)
    assert find(settings, store).next == "accepted"
    store.save_drafts(DEMARCHE, [make_draft(3, identifiant=4211, created_at=at(-30))])
    assert find(settings, store).next == "accepted", "the draft is older than the dossier"
    store.save_drafts(DEMARCHE, [make_draft(4, identifiant=4211)])
    assert find(settings, store).next == "prefilled, not opened"
    store.save_page(DEMARCHE, [entry(2, asked=ASKED)], None)
    assert find(settings, store).next == "correction asked for"


def test_what_the_store_cannot_know_is_said(settings: Settings, store: Store) -> None:
    assert "run ds-bridge remap cra" in look(settings, "cra", 1, store, "another").warnings[0]
    store.save_person_champs(DEMARCHE, "")
    assert "set demarches.cra.person" in look(settings, "cra", 1, store, "").warnings[0]
    other = Settings(api=settings.api, demarches={"cra": DemarcheSettings(number=5)})
    never = look(other, "cra", 1, store, "")
    assert (never.as_of, "never been synced whole" in never.warnings[0]) == (None, True)


def test_who_is_asked_for(settings: Settings) -> None:
    for bad in ("x", -1, "", 10**20):
        with pytest.raises(PrefillError, match="identifiant"):
            where(settings, "cra", bad)
    with pytest.raises(ConfigurationError, match="no démarche named"):
        where(settings, "crb", 1)
    with pytest.raises(StoreError):
        where(settings, "cra", 1)


def count_over_the_dump(store: Store) -> dict[int, Counter[str]]:
    out = io.BytesIO()
    dump_dossiers(store, DEMARCHE, format="ndjson", out=out)
    counts: dict[int, Counter[str]] = {}
    for line in out.getvalue().splitlines():
        document = json.loads(line)
        person = document.get("identite", {}).get("identifiant")
        if person is not None and person > 0:
            counts.setdefault(person, Counter())[document["dossier"]["state"]] += 1
    return counts


def test_for_every_person_the_same_as_a_count_over_the_dump(tmp_path: Path) -> None:
    with SandboxServer(seed=4, dossiers=300, requests_per_minute=None) as server:
        config = write_sandbox_config(
            tmp_path,
            server,
            '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n',
        )
        assert run_command("sync", config=config).code == 0
    settings = ds_bridge.load_settings(config)
    with Store.open(settings.store.url) as store:
        counts = count_over_the_dump(store)
        assert len(counts) > 30
        assert check_everyone(settings, store, counts) == []
        # An index that was never filled says so, and remap fills it.
        with store._write() as connection:
            connection.exec_driver_sql("UPDATE dossiers SET person = NULL")
            connection.exec_driver_sql("UPDATE demarches SET person_champs = NULL")
        person = next(iter(counts))
        lost = where(settings, "cra", person, store=store)
        assert (lost.dossiers, "run ds-bridge remap cra" in lost.warnings[0]) == ([], True)
        remap_demarche("cra", settings.demarche("cra"), store)
        assert check_everyone(settings, store, counts) == []
        assert where(settings, "cra", person, store=store).warnings == ()


def check_everyone(settings: Settings, store: Store, counts: dict[int, Counter[str]]) -> list[int]:
    """Those of whom something else is told."""
    return [
        person
        for person, expected in counts.items()
        if Counter(each.state for each in where(settings, "cra", person, store=store).dossiers) != expected
    ]


def test_without_a_model_the_configuration_says_which_champ(tmp_path: Path) -> None:
    demarche = DemarcheSettings(number=DEMARCHE, person="3566523")
    with SandboxServer(seed=4, dossiers=20, requests_per_minute=None) as server:
        api = ApiSettings(url=server.url, token=server.token)  # type: ignore[arg-type]  # pydantic hides it
        settings = Settings(
            api=api,
            store=StoreSettings(url=f"sqlite:///{tmp_path / 'store.db'}"),
            demarches={"cra": demarche},
        )
        with Client(api) as client, Store.open(settings.store.url) as store:
            sync_demarche("cra", demarche, client, store)
            plain = [each.raw for each in store.dossiers(DEMARCHE)]
    typed = [
        champ["stringValue"]
        for dossier in plain
        for champ in dossier["champs"]
        if champ["id"] == "Q2hhbXAtMzU2NjUyMw==" and champ["stringValue"]
    ]
    person, count = Counter(typed).most_common(1)[0]
    found = where(settings, "cra", person)
    assert (len(found.dossiers), found.warnings) == (count, ())


class TestCommand:
    @pytest.fixture
    def config(self, settings: Settings, store: Store, tmp_path: Path) -> Path:
        file = tmp_path / "ds-bridge.toml"
        file.write_text(f'[store]\nurl = "{settings.store.url}"\n[demarches.cra]\nnumber = {DEMARCHE}\n')
        store.save_person_champs(DEMARCHE, "")
        store.save_drafts(DEMARCHE, [make_draft(3, identifiant=4211)])
        store.save_page(DEMARCHE, [replace(entry(9), anomalies=())], None)
        return file

    def test_text(self, config: Path) -> None:
        done = run_command("who", "cra", "4211", config=config)
        assert done.code == 0
        lines = done.out.splitlines()
        assert lines[0] == "draft expired" or lines[0] == "deposited"
        assert lines[-1].split()[:4] == ["dossier", "9", "en_construction", "deposited"]
        assert "as of the last good sync, 2024-05-30T12:00" in done.err
        assert "secret-3" not in done.out + done.err

    def test_json(self, config: Path) -> None:
        done = run_command("who", "cra", "4211", "--json", config=config)
        answer = json.loads(done.out)
        assert list(answer) == ["name", "identifiant", "next", "drafts", "dossiers", "as_of", "warnings"]
        assert (answer["identifiant"], answer["as_of"]) == (4211, "2024-05-30T12:00:00+00:00")
        assert "token" not in done.out

    def test_somebody_unknown(self, config: Path) -> None:
        done = run_command("who", "cra", "1", config=config)
        assert (done.code, done.out) == (0, "nothing yet\n")

    def test_no_number(self, config: Path) -> None:
        done = run_command("who", "cra", "abc", config=config)
        assert (done.code, done.out) == (2, "")
        assert "identifiant" in done.err
        assert "abc" not in done.err


def test_coverage_knows_a_dossier_by_the_same_champ(tmp_path: Path) -> None:
    """A model that calls the number otherwise: `who` and `coverage` say the same of everybody."""
    demarche = DemarcheSettings(number=DEMARCHE, champs={"numero": "3566523"}, person="numero")
    with SandboxServer(seed=4, dossiers=20, requests_per_minute=None) as server:
        api = ApiSettings(url=server.url, token=server.token)  # type: ignore[arg-type]  # pydantic hides it
        url = f"sqlite:///{tmp_path / 'store.db'}"
        settings = Settings(api=api, store=StoreSettings(url=url), demarches={"cra": demarche})
        with Client(api) as client, Store.open(url) as store:
            sync_demarche("cra", demarche, client, store)
            numbers = {each.document["numero"] for each in store.dossiers(DEMARCHE)} - {None}
            lines = "".join(f"{number}\n" for number in sorted(numbers))
            roster = read_roster(io.BytesIO(f"identifiant\n{lines}".encode()))
            covered = cover(store, "cra", demarche, roster).people
            assert len(numbers) > 5
            for person in covered:
                told = where(settings, "cra", person.identifiant or 0, store=store).dossiers
                assert {each.number for each in person.deposits} == {each.number for each in told} != set()
