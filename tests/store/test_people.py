"""People: a person's dossiers by the number typed in them, else by their draft; nothing else is theirs."""

from __future__ import annotations

from dataclasses import replace

from ds_bridge.store import DossierEntry, PersonDossier, Store
from tests.store.samples import DEMARCHE, NOON, SampleAnomaly, at, make_deletion, make_draft, make_entry


def entry(number: int, person: int | None, **more: object) -> DossierEntry:
    return replace(make_entry(number, **more), person=person)  # type: ignore[arg-type]  # the sample's own


def numbers(store: Store, person: int) -> list[tuple[int, bool]]:
    return [(each.number, each.by_draft) for each in store.read_person(DEMARCHE, person).dossiers]


def test_nobody(store: Store) -> None:
    record = store.read_person(DEMARCHE, 4211)
    assert (record.dossiers, record.drafts, record.champs, record.last_good_run) == ([], [], None, None)


def test_by_number_then_by_draft_and_never_a_tombstone(store: Store) -> None:
    store.save_drafts(
        DEMARCHE, [make_draft(number, identifiant=4211) for number in (3, 4, 5)] + [make_draft(9)]
    )
    store.save_page(
        DEMARCHE,
        [entry(1, 4211), entry(2, 12), entry(3, None), entry(4, 12), entry(6, 4211), entry(9, None)],
        None,
    )
    store.save_page(5, [entry(7, 4211)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(6, at(1))], None)
    assert numbers(store, 4211) == [(1, False), (3, True)]
    assert numbers(store, 12) == [(2, False), (4, False)], "another number typed is another person's word"
    assert [draft.number for draft in store.read_person(DEMARCHE, 4211).drafts] == [3, 4, 5]


def test_what_is_told_of_a_dossier(store: Store) -> None:
    asked = "2024-05-30T10:00:00+02:00"
    anomalies = [SampleAnomaly("a", "missing", severity, "m") for severity in ("error", "warning", "error")]
    told = entry(1, 7, anomalies=anomalies, valid=False)
    told = replace(told, raw={**told.raw, "dateDerniereCorrectionEnAttente": asked})
    earlier = replace(entry(2, 7), deposited_at=at(-48))
    store.save_page(DEMARCHE, [told, earlier], None)
    first, second = store.read_person(DEMARCHE, 7).dossiers
    assert first.number == 2
    assert second == PersonDossier(1, "en_construction", at(-24), NOON, False, asked, False, 2, 1)
    assert first.correction_asked_at is None


def test_a_person_that_changes_is_written_although_nothing_else_does(store: Store) -> None:
    store.save_page(DEMARCHE, [entry(1, None)], None)
    assert store.save_page(DEMARCHE, [entry(1, 4211)], None).updated == 1
    assert store.save_page(DEMARCHE, [entry(1, 4211)], None).unchanged == 1
    assert numbers(store, 4211) == [(1, False)]


def test_by_which_champs_the_index_was_filled(store: Store) -> None:
    store.save_person_champs(DEMARCHE, "identite.identifiant")
    assert store.read_person(DEMARCHE, 1).champs == "identite.identifiant"
    store.save_person_champs(DEMARCHE, "")
    assert store.read_person(DEMARCHE, 1).champs == ""
