"""Outbox: what is planned, what became of it, and what a purge takes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ds_bridge.store import Store, StoredAction
from tests.store.samples import DEMARCHE, NOON


def make_action(key: str, dossier: int = 1, **more: object) -> StoredAction:
    action = StoredAction(key, dossier, "archiver", f"print-{key}", {"message": "Bonjour"}, NOON)
    return replace(action, **more)  # type: ignore[arg-type]


def test_actions_keep_the_order_in_which_they_were_planned(store: Store) -> None:
    outbox = store.outbox
    outbox.plan(DEMARCHE, [])
    outbox.plan(DEMARCHE, [make_action("b"), make_action("a", 2)])
    outbox.plan(DEMARCHE, [make_action("c")])
    outbox.plan(DEMARCHE + 1, [make_action("a")])
    assert [(each.key, each.position) for each in outbox.entries(DEMARCHE)] == [("b", 1), ("a", 2), ("c", 3)]
    assert [each.key for each in outbox.entries(DEMARCHE, dossier=1)] == ["b", "c"]
    assert outbox.entries(DEMARCHE + 1) == [replace(make_action("a"), position=1)]
    assert "Bonjour" not in repr(outbox.entries(DEMARCHE))


def test_what_became_of_one_is_written_down(store: Store) -> None:
    outbox, later = store.outbox, NOON + timedelta(seconds=1)
    outbox.plan(DEMARCHE, [make_action("a"), make_action("b")])
    outbox.note(DEMARCHE, "a", state="sent", sent_at=later, read={"traitement": 3}, tries=1)
    (sent,) = outbox.entries(DEMARCHE, states=["sent"])
    assert (sent.key, sent.sent_at, sent.read, sent.tries) == ("a", later, {"traitement": 3}, 1)
    outbox.note(DEMARCHE, "a", state="done", settled_at=later, warning="twice")
    assert outbox.find(DEMARCHE, ["a", "nowhere"])["a"].warning == "twice"
    assert store.overview(DEMARCHE).actions == {"done": 1, "planned": 1}
    outbox.plan(DEMARCHE, [make_action("a")])
    assert [each.key for each in outbox.entries(DEMARCHE)] == ["b", "a"]


def test_many_keys_are_found(store: Store) -> None:
    store.outbox.plan(DEMARCHE, [make_action(f"k{number}") for number in range(900)])
    assert len(store.outbox.find(DEMARCHE, [f"k{number}" for number in range(1000)])) == 900


def test_keys_by_prefix(store: Store) -> None:
    some = [
        make_action("told-1"),
        make_action("told-2", 2),
        make_action("told_3", 2),
        make_action("told-4", 4),
    ]
    store.outbox.plan(DEMARCHE, some)
    store.outbox.note(DEMARCHE, "told-4", state="refused")
    assert store.outbox.list_keys(DEMARCHE, "told-") == {1: {"told-1"}, 2: {"told-2"}}


def test_a_purge_takes_the_words_and_leaves_the_key(store: Store) -> None:
    store.outbox.plan(DEMARCHE, [make_action("old"), make_action("open")])
    store.outbox.note(DEMARCHE, "old", state="done", settled_at=NOON, read={"agent": "a@exemple.fr"})
    with store.lock(DEMARCHE):
        store.purge(DEMARCHE, NOON + timedelta(days=1))
    old, still_open = store.outbox.entries(DEMARCHE)
    assert (old.key, old.content, old.read, old.state) == ("old", None, None, "done")
    assert still_open.content == {"message": "Bonjour"}


def test_pulling_and_changing_have_a_lock_each(store: Store) -> None:
    with store.lock(DEMARCHE), store.lock(DEMARCHE, "act"):
        store.outbox.plan(DEMARCHE, [make_action("a")])
