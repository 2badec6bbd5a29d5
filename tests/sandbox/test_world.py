"""The World: drafts become dossiers, dossiers change, hide, come back and go."""

from __future__ import annotations

import datetime as dt

import pytest

from ds_bridge.sandbox.dossiers import Identity, SandboxError
from ds_bridge.sandbox.world import CRA_NUMBER, World

NOON = dt.datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=dt.UTC)
NOM = 3566491


def make_world() -> World:
    return World(seed=1, clock=lambda: NOON)


def test_a_draft_becomes_a_dossier_with_the_same_number() -> None:
    world = make_world()
    draft = world.create_draft(CRA_NUMBER, Identity("Mme", "NOËL", "Zoé"), {NOM: "NOËL"})
    assert draft.state == "prefilled"
    world.claim_draft(draft.token, "zoe@example.org")
    world.save_draft(draft.token, draft.identity, {NOM: "NOËL-PETIT"})
    dossier = world.deposit(draft.token, "zoe@example.org")
    assert (dossier.number, dossier.state, dossier.email) == (
        draft.number,
        "en_construction",
        "zoe@example.org",
    )
    assert dossier.deposited_at == dossier.modified_at == NOON
    assert dossier.values == {NOM: "NOËL-PETIT"}
    assert dossier.prefilled
    assert dossier.prefilled_champs == {NOM}
    assert world.dossier(draft.number) is dossier
    with pytest.raises(SandboxError, match="deposited already"):
        world.deposit(draft.token, "zoe@example.org")


def test_an_unclaimed_draft_dies_after_five_days_and_a_claimed_one_does_not() -> None:
    world = make_world()
    left = world.create_draft(CRA_NUMBER, Identity(), {})
    claimed = world.create_draft(CRA_NUMBER, Identity(), {})
    world.claim_draft(claimed.token, "a@example.org")
    world.advance(dt.timedelta(days=5, seconds=-1))
    assert world.draft(left.token) is left
    world.advance(dt.timedelta(seconds=1))
    assert world.draft(left.token) is None
    assert world.draft(claimed.token) is not None
    with pytest.raises(SandboxError, match="no such draft"):
        world.deposit(left.token, "a@example.org")
