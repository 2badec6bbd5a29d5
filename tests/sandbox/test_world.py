"""The World: drafts become dossiers, dossiers change, hide, come back and go; a file keeps it all."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest

from ds_bridge.sandbox.dossiers import Identity, Row, SandboxError
from ds_bridge.sandbox.world import CRA_NUMBER, World

NOON = dt.datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=dt.UTC)
NOM, EVENTS, EVENT_NAME = 3566491, 3566496, 3566497
MINUTE = dt.timedelta(minutes=1)


def make_world() -> World:
    return World(seed=1, clock=lambda: NOON)


def test_a_draft_becomes_a_dossier_with_the_same_number() -> None:
    world = make_world()
    draft = world.create_draft(CRA_NUMBER, Identity("Mme", "NOËL", "Zoé"), {NOM: "NOËL"})
    assert draft.state == "prefilled"
    world.claim_draft(draft.token, "zoe@example.org")
    world.save_draft(draft.token, draft.identity, {NOM: "NOËL-PETIT"})
    dossier = world.deposit(draft.token, "zoe@example.org")
    known = (dossier.number, dossier.state, dossier.email)
    assert known == (draft.number, "en_construction", "zoe@example.org")
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


def test_a_closed_demarche_takes_no_draft() -> None:
    world = make_world()
    world.set_demarche(CRA_NUMBER, state="close")
    with pytest.raises(SandboxError, match="is close"):
        world.create_draft(CRA_NUMBER, Identity(), {})
    with pytest.raises(SandboxError, match="no démarche 1"):
        world.create_draft(1, Identity(), {})


def test_paths_old_and_current() -> None:
    world = make_world()
    path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
    form = world.form_at(path)
    assert form is not None
    assert form.number == CRA_NUMBER
    assert world.is_old_path("compte-rendu-d-activite-cra-conseiller-numerique-c") == path
    assert world.is_old_path(path) is None
    assert world.form_at("nothing") is None


def test_modify_merges_values_and_moves_the_date() -> None:
    world = make_world()
    (dossier,) = world.add_dossiers(1)
    world.advance(MINUTE)
    changed = world.modify(dossier.number, {NOM: "AUTRE", 3566520: None})
    assert changed.values == {**{k: v for k, v in dossier.values.items() if k != 3566520}, NOM: "AUTRE"}
    assert changed.modified_at == NOON + MINUTE
    silent = world.modify(dossier.number, {NOM: "ENCORE"}, touch=False)
    assert silent.modified_at == NOON + MINUTE
    late = world.modify(dossier.number, archived=True, at=NOON - MINUTE)
    assert (late.modified_at, late.archived) == (NOON - MINUTE, True)


def test_states_carry_their_dates() -> None:
    world = make_world()
    (dossier,) = world.add_dossiers(1)
    decided = world.change_state(dossier.number, "accepte")
    assert (decided.state, decided.instruction_at, decided.processed_at) == ("accepte", NOON, NOON)
    back = world.change_state(dossier.number, "en_construction")
    assert (back.instruction_at, back.processed_at) == (None, None)
    with pytest.raises(SandboxError, match="no such state"):
        world.change_state(dossier.number, "brouillon")


def test_its_user_hides_a_dossier_only_before_it_is_instructed() -> None:
    world = make_world()
    early, late = world.add_dossiers(2)
    world.change_state(late.number, "en_instruction")
    assert world.hide_by_user(early.number).is_pending_deletion
    assert not world.hide_by_user(late.number).is_pending_deletion
    assert world.hide_by_administration(late.number).is_pending_deletion
    world.advance(MINUTE)
    restored = world.restore(early.number)
    assert (restored.is_pending_deletion, restored.modified_at) == (False, NOON + MINUTE)


def test_a_deletion_is_backdated_to_when_its_user_hid_it() -> None:
    world = make_world()
    hidden, plain = world.add_dossiers(2)
    world.hide_by_user(hidden.number)
    world.advance(MINUTE)
    assert world.delete(hidden.number).deleted_at == NOON
    deleted = world.delete(plain.number, "instructeur_request")
    assert (deleted.deleted_at, deleted.reason) == (NOON + MINUTE, "instructeur_request")
    assert world.dossier(hidden.number) is None
    with pytest.raises(SandboxError, match="no dossier"):
        world.delete(hidden.number)


def test_a_state_file_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    world = World.open(seed=4, dossiers=20, state_file=path, clock=lambda: NOON)
    numbers = sorted(world.demarches[CRA_NUMBER].dossiers)
    draft = world.create_draft(CRA_NUMBER, Identity("M.", "D'ALMEIDA", "Yann"), {NOM: "D'ALMEIDA"})
    row = Row(world.new_row_id(), {EVENT_NAME: "Forum"})
    other = world.create_draft(CRA_NUMBER, Identity(), {EVENTS: [row]})
    deposited = world.deposit(other.token, "y@example.org")
    world.modify(numbers[0], {NOM: "CHANGÉ"})
    world.delete(numbers[1])
    world.hide_by_administration(numbers[2])
    world.advance(MINUTE)

    again = World.open(seed=99, dossiers=5, state_file=path, clock=lambda: NOON)
    assert again.seed == 4
    assert again.now() == world.now()
    assert again.token() == world.token()
    assert again.draft(draft.token) == draft
    assert again.dossier(deposited.number) == deposited
    known = again.dossier(numbers[0])
    assert known is not None
    assert known.values == world.demarches[CRA_NUMBER].dossiers[numbers[0]].values
    assert again.dossier(numbers[1]) is None
    assert again.demarches[CRA_NUMBER].dossiers == world.demarches[CRA_NUMBER].dossiers
    assert again.demarches[CRA_NUMBER].deleted == world.demarches[CRA_NUMBER].deleted
    assert again.take_number() == world.take_number()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "[]", '{"version": 7}'])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(SandboxError, match=r"state\.json is not a"):
        World.open(state_file=path)


def test_threads_share_a_world() -> None:
    world = make_world()
    threads = [threading.Thread(target=lambda: [world.add_dossiers(1) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.demarches[CRA_NUMBER].dossiers) == 200
    assert len(list(world.demarches[CRA_NUMBER].by_modification.forward())) == 200


def test_secrets_are_not_printed() -> None:
    world = make_world()
    assert world.token() not in repr(world.tokens)
