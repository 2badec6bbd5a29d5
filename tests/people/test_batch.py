"""Batch: each row gets its link or its problem; a problem of more than one row ends the batch, and is
told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from ds_bridge.config import ApiSettings, DemarcheSettings, Settings
from ds_bridge.errors import (
    ConfigurationError,
    DemarcheClosedError,
    DraftOutcomeUnknownError,
    DsBridgeError,
    InterruptedRunError,
    NetworkError,
    PlatformUnavailableError,
    StoreError,
)
from ds_bridge.people.batch import Batch, find_repeated
from ds_bridge.people.roster import Roster, find_columns, read_roster
from ds_bridge.prefill import Identity
from ds_bridge.prefill.drafts import Prepared, prepare

FIELDS = {"nom": "1", "identifiant": "3", "temps": "7"}
SETTINGS = Settings(
    api=ApiSettings(url="https://x.fr"),
    demarches={"cra": DemarcheSettings(number=5, path="p", champs=FIELDS)},
)
ROSTER = "nom;prenom;identifiant;temps;contact\nA;B;1;2;a@x.fr\n;B;2;;\nC;D;x;3;\nE;F;4;undefined;\nG;H;5;;\n"


class Drafter:
    """Makes a draft for each row, but for what is scripted."""

    def __init__(self, script: Mapping[int, DsBridgeError]) -> None:
        self.script = script
        self.asked: list[int] = []
        self.kept: list[int] = []
        self.full = False

    def prepare(self, identity: Identity, champs: Mapping[str, Any]) -> Prepared:
        number = identity.identifiant or 0
        self.asked.append(number)
        if number in self.script:
            raise self.script[number]
        return Prepared(f"https://x.fr/{number}", "draft", 14, number=number, token="t")

    def record(self, prepared: Prepared, identity: Identity) -> tuple[str, ...]:
        if self.full:
            raise StoreError("the disk is full")
        self.kept.append(identity.identifiant or 0)
        return ("known already",) if identity.identifiant == 2 else ()


def read(text: str) -> Roster:
    return read_roster(io.BytesIO(text.encode()))


def run(roster: Roster, prepare: Any, **more: Any) -> tuple[Batch, list[Mapping[str, Any]]]:
    batch = Batch(roster, find_columns(roster.headings, FIELDS), prepare, **more)
    return batch, [added for _, added in batch.run()]


def make(count: int) -> Roster:
    return read("nom;identifiant\n" + "".join(f"N;{number}\n" for number in range(1, count + 1)))


def test_a_bad_row_has_its_problem_and_the_rest_their_links() -> None:
    seen: list[int] = []
    batch, rows = run(
        read(ROSTER), partial(prepare, SETTINGS, "cra"), progress=lambda tally: seen.append(tally.rows)
    )
    assert [row["method"] for row in rows] == ["link", None, None, None, "link"]
    assert rows[0]["url"] == (
        "https://x.fr/commencer/p?identite_nom=A&identite_prenom=B"
        "&champ_Q2hhbXAtMQ=A&champ_Q2hhbXAtMw=1&champ_Q2hhbXAtNw=2"
    )
    assert [row["warnings"] for row in rows] == [[]] * 5, "what is true of every row is told once"
    assert [str(row["problem"]).partition(":")[0] for row in rows] == [
        "None", "nom", "identifiant", "temps", "None",
    ]  # fmt: skip
    assert "undefined" not in str(rows[3]["problem"]).split("(")[0]
    assert batch.tally.describe() == "5 rows: 2 links, 0 drafts, 3 with a problem"
    assert (batch.stopped, seen) == (None, [1, 2, 3, 4, 5])


def test_the_same_identifiant_twice_is_a_warning_on_each() -> None:
    roster = read("nom;identifiant\nA;12\nB;7\nC;012\nD;\nE;\nF;12\n")
    repeated = find_repeated(roster, find_columns(roster.headings, FIELDS))
    assert repeated == {
        2: "identifiant: the same stands on rows 4, 7",
        4: "identifiant: the same stands on rows 2, 7",
        7: "identifiant: the same stands on rows 2, 4",
    }
    batch, rows = run(roster, partial(prepare, SETTINGS, "cra"))
    assert [bool(row["url"]) for row in rows] == [True] * 6
    assert batch.tally.warned == 5, "those three, and the two without"


def test_drafts_are_recorded_and_their_warnings_come_back() -> None:
    drafter = Drafter({})
    batch, rows = run(make(3), drafter.prepare, ledger=drafter)
    assert drafter.kept == [1, 2, 3]
    assert [row["warnings"] for row in rows] == [[], ["known already"], []]
    assert batch.tally.describe() == "3 rows: 0 links, 3 drafts, 0 with a problem, 1 with a warning"


def test_an_unknown_outcome_is_the_rows_problem_and_the_next_goes_on() -> None:
    drafter = Drafter({2: DraftOutcomeUnknownError("it may have been made")})
    batch, rows = run(make(4), drafter.prepare, ledger=drafter)
    assert (drafter.asked, drafter.kept) == ([1, 2, 3, 4], [1, 3, 4])
    assert rows[1] == {"url": None, "method": None, "warnings": [], "problem": "it may have been made"}
    assert batch.tally.unknown == 1
    assert batch.stopped is None


def test_a_platform_that_fails_three_times_in_a_row_is_left_alone() -> None:
    failure = NetworkError("no answer")
    drafter = Drafter({2: failure, 4: failure, 5: failure, 6: DraftOutcomeUnknownError("who knows")})
    batch, rows = run(make(9), drafter.prepare, ledger=drafter)
    assert drafter.asked == [1, 2, 3, 4, 5, 6]
    assert isinstance(batch.stopped, PlatformUnavailableError)
    assert str(batch.stopped) == "the platform failed 3 times in a row, the last time so: who knows"
    assert [row["problem"] for row in rows[6:]] == [f"not asked for: {batch.stopped}"] * 3
    assert (batch.tally.left, batch.tally.drafts, batch.tally.problems) == (3, 2, 7)


@pytest.mark.parametrize("error", [DemarcheClosedError("closed"), ConfigurationError("moved")])
def test_what_concerns_every_row_ends_it_at_once(error: DsBridgeError) -> None:
    drafter = Drafter({2: error})
    batch, rows = run(make(4), drafter.prepare, ledger=drafter)
    assert (drafter.asked, batch.stopped) == ([1, 2], error)
    assert [row["problem"] for row in rows[1:]] == [str(error)] + [f"not asked for: {error}"] * 2


def test_a_store_that_fails_keeps_the_address_and_ends_it() -> None:
    drafter = Drafter({})
    drafter.full = True
    batch, rows = run(make(3), drafter.prepare, ledger=drafter)
    assert drafter.asked == [1]
    assert rows[0]["url"] == "https://x.fr/1"
    assert rows[0]["warnings"] == [
        "the draft was made and cannot be followed: it could not be recorded (the disk is full)"
    ]
    assert batch.tally.left == 2


def test_a_stop_between_two_rows_loses_nothing() -> None:
    drafter = Drafter({})

    def check_stop() -> None:
        if len(drafter.asked) == 2:
            raise InterruptedRunError("stopped by SIGINT", signal_number=2)

    batch, rows = run(make(4), drafter.prepare, ledger=drafter, check_stop=check_stop)
    assert [row["url"] for row in rows] == ["https://x.fr/1", "https://x.fr/2", None, None]
    assert batch.stopped is not None
    assert batch.stopped.exit_code == 130


def test_a_row_that_cannot_be_read_stays_alone() -> None:
    _, rows = run(read("nom;identifiant\nDu;pont;1\nA;2\n"), partial(prepare, SETTINGS, "cra"))
    assert "more cells than there are headings" in str(rows[0]["problem"])
    assert rows[1]["url"].endswith("=2")
