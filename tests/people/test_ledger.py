"""Ledger: no draft without a store to keep it, no store without a draft."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ds_bridge.config import ApiSettings, DemarcheSettings, Settings, StoreSettings
from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.people.ledger import Ledger
from ds_bridge.people.links import match_columns, prefill_roster
from ds_bridge.people.roster import Roster, read_roster
from ds_bridge.prefill import Identity
from ds_bridge.prefill.drafts import prepare
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from ds_bridge.store import Store

CRA = 82349
ROSTER = "nom;prenom;identifiant\nNoël;Zoé;1\nundefined;Ana;2\nPetit;Ana;3\n"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(world=World(seed=1)) as running:
        yield running


@pytest.fixture
def settings(server: SandboxServer, tmp_path: Path) -> Settings:
    return Settings(
        api=ApiSettings(url=server.url),
        store=StoreSettings(url=f"sqlite:///{tmp_path / 'store.db'}"),
        demarches={"cra": DemarcheSettings(number=CRA, path="p", champs={"identifiant": "3566523"})},
    )


def read(text: str = ROSTER) -> Roster:
    return read_roster(io.BytesIO(text.encode()))


def test_links_need_no_store(settings: Settings, tmp_path: Path) -> None:
    with Ledger(settings, "cra") as ledger:
        prepared = prepare(settings, "cra", Identity(nom="A"), client=ledger.open_client)
        assert ledger.record(prepared, Identity(nom="A")) == ()
    prefill_roster(settings, "cra", read(), io.BytesIO())
    assert not (tmp_path / "store.db").exists()


def test_no_draft_is_made_that_could_not_be_kept(server: SandboxServer, settings: Settings) -> None:
    homeless = settings.model_copy(update={"store": StoreSettings(url="sqlite:////no/such/folder/x.db")})
    with Ledger(homeless, "cra") as ledger, pytest.raises(StoreError):
        prepare(homeless, "cra", Identity(nom="A"), client=ledger.open_client, method="draft")
    assert server.world.drafts == {}


def test_a_roster_of_drafts_is_in_the_store(server: SandboxServer, settings: Settings) -> None:
    out = io.BytesIO()
    batch = prefill_roster(settings, "cra", read(), out, method="draft")
    assert batch.tally.describe() == "3 rows: 0 links, 2 drafts, 1 with a problem"
    with Store.open(settings.store.url) as store:
        kept = store.drafts(CRA)
    assert [draft.identifiant for draft in kept] == [1, 3]
    assert {draft.token for draft in kept} == set(server.world.drafts)
    lines = out.getvalue().decode().splitlines()
    assert [line.split(";")[4] for line in lines] == ["method", "draft", "", "draft"]
    assert kept[0].token in lines[1]


def test_a_roster_that_says_nothing_of_anybody(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="no column of the roster is known: name them nom, prenom"):
        match_columns(settings, "cra", read("couleur;taille\nbleu;3\n"))
