"""Invented dossiers: the same from the same seed, and as uneven as what people write."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

from ds_bridge.sandbox.dossiers import STATES, Dossier
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.world import World

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
EVENTS, EVENT_DATE, EVENT_TYPE, EVENT_DETAIL = 3566496, 3566501, 3566499, 3566500
HOURS, SPLIT, COMMUNICATION, ANIMATION = 3566530, 3811707, 3811708, 3811709


def make(count: int, seed: int = 1) -> list[Dossier]:
    world = World(seed, clock=lambda: NOW)
    return world.seed_dossiers(count)


DOSSIERS = make(2000)


def rows(dossier: Dossier, block: int) -> list[dict[int, object]]:
    return [dict(row.values) for row in dossier.values.get(block, [])]


def test_the_same_seed_gives_the_same_dossiers() -> None:
    again = make(50)
    assert [(d.number, d.state, d.modified_at, d.email) for d in again] == [
        (d.number, d.state, d.modified_at, d.email) for d in make(50)
    ]
    assert [d.values for d in again] == [d.values for d in make(50)]


def test_another_seed_gives_others() -> None:
    assert [d.values for d in make(5)] != [d.values for d in make(5, seed=2)]


def test_states_revisions_and_archives_are_all_there() -> None:
    assert set(Counter(d.state for d in DOSSIERS)) == set(STATES)
    old, current = load_forms()[0].revisions
    counts = Counter(d.revision for d in DOSSIERS)
    assert counts[old.number] > 200
    assert counts[current.number] > 200
    assert all((d.revision == current.number) == (d.deposited_at >= current.date_creation) for d in DOSSIERS)
    assert sum(d.archived for d in DOSSIERS) > 50
    assert sum(d.prefilled for d in DOSSIERS) > 1000


def test_dates_are_in_order_and_in_the_past() -> None:
    deposits = [d.deposited_at for d in DOSSIERS]
    assert deposits == sorted(deposits)
    assert all(d.deposited_at <= (d.champs_modified_at or NOW) <= d.modified_at <= NOW for d in DOSSIERS)
    assert any(d.modified_at.microsecond for d in DOSSIERS)


def test_names_have_accents_apostrophes_and_particles() -> None:
    names = {d.identity.nom for d in DOSSIERS}
    assert {"NOËL", "D'ALMEIDA", "de La Rochebrochard"} <= names
    assert "Mairie d'Évry & Cie" in {d.values.get(3566521) for d in DOSSIERS}


def test_blocks_hold_from_nothing_to_eight_rows() -> None:
    assert {len(rows(d, EVENTS)) for d in DOSSIERS} >= set(range(9))


def test_champs_that_do_not_apply_are_not_filled() -> None:
    for dossier in DOSSIERS[:200]:
        for row in rows(dossier, EVENTS):
            assert EVENT_DETAIL not in row or row[EVENT_TYPE] == "Autre"
        assert COMMUNICATION not in dossier.values or dossier.values[SPLIT]


def test_some_hold_what_people_get_wrong() -> None:
    events = [(d, row) for d in DOSSIERS for row in rows(d, EVENTS)]
    late = [row for d, row in events if str(row.get(EVENT_DATE, "")) > d.deposited_at.date().isoformat()]
    assert late
    assert [row for _, row in events if row.get(EVENT_TYPE) == "Autre" and EVENT_DETAIL not in row]
    assert [d for d in DOSSIERS if d.values.get(HOURS) == 70]
    uneven = [
        d
        for d in DOSSIERS
        if ANIMATION in d.values and d.values[HOURS] != d.values.get(COMMUNICATION, 0) + d.values[ANIMATION]
    ]
    assert uneven
    assert [d for d in DOSSIERS if "chez" in str(d.values.get(3566524))]
    repeated = [d for d in DOSSIERS if (found := rows(d, EVENTS)) and found[-1] in found[:-1]]
    assert repeated


def test_a_world_of_other_forms_has_dossiers_too() -> None:
    cra = load_forms()[0]
    twin = replace(cra, number=7, path="sept", revisions=cra.revisions[1:])
    world = World(1, clock=lambda: NOW, forms=(cra, twin))
    world.seed_dossiers(5)
    others = world.seed_dossiers(5, 7)
    assert {d.revision for d in others} == {cra.active.number}
    assert all(d.values[3566491] == d.identity.nom for d in others)


def test_new_ones_are_deposited_now_with_higher_numbers() -> None:
    world = World(1, clock=lambda: NOW)
    (seeded,) = world.seed_dossiers(1)
    first, second = world.add_dossiers(2)
    assert seeded.number < first.number < second.number
    assert second.deposited_at == second.modified_at == NOW
    assert first.deposited_at == NOW - dt.timedelta(microseconds=1)
    assert second.state == "en_construction"
