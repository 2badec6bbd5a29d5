"""Batch: takes a roster's people, gives each row with its link or draft, or with its problem.

A bad row does not stop the batch. A platform that fails, or a signal, stops it, and the rows that are left
say so. The batch does not know the store: the caller's `Ledger` keeps which draft is whose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ds_bridge.errors import (
    DraftOutcomeUnknownError,
    DsBridgeError,
    PlatformUnavailableError,
    PrefillError,
    ProtocolError,
    RetriableError,
)
from ds_bridge.log import tell_count
from ds_bridge.people.roster import Cell, Columns, Person, Roster, Row, read_person
from ds_bridge.prefill.check import NO_FORM
from ds_bridge.prefill.drafts import Prepared
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.invisible import take_out
from ds_bridge.prefill.values import ChampValue

ADDED = ("url", "method", "warnings", "problem")
"""The columns added to each row."""

MOST_FAILURES_IN_A_ROW = 3

Prepare = Callable[[Identity, Mapping[str, ChampValue]], Prepared]


class Ledger(Protocol):
    """Keeps which draft was made for whom."""

    def record(self, prepared: Prepared, identity: Identity) -> tuple[str, ...]:
        """Keep a draft. Gives warnings for the caller. May raise StoreError."""


@dataclass
class Tally:
    """What a batch did. `unknown`: drafts that may have been made. `left`: rows that were not reached."""

    name: str = ""
    rows: int = 0
    links: int = 0
    drafts: int = 0
    problems: int = 0
    warned: int = 0
    unknown: int = 0
    left: int = 0

    @property
    def seen(self) -> int:
        """How many rows are done, for the progress display."""
        return self.rows

    def describe(self) -> str:
        """One line."""
        parts = [
            f"{tell_count(self.rows, 'row')}: {tell_count(self.links, 'link')},"
            f" {tell_count(self.drafts, 'draft')}, {self.problems} with a problem"
        ]
        parts += [f"{self.warned} with a warning"] if self.warned else []
        parts += [f"{self.unknown} drafts of unknown outcome"] if self.unknown else []
        parts += [f"{self.left} not asked for"] if self.left else []
        return ", ".join(parts)


@dataclass
class Batch:
    """One roster, once. Iterate over `run`, then look at `tally` and `stopped` (what ended it early, or
    None).

    `prepare` makes a link or a draft. `check_stop` raises when the batch is asked to end. `progress` is
    called after every row.
    """

    roster: Roster
    columns: Columns
    prepare: Prepare
    ledger: Ledger | None = None
    check_stop: Callable[[], None] | None = None
    progress: Callable[[Tally], None] | None = None
    tally: Tally = field(default_factory=Tally)
    stopped: DsBridgeError | None = None
    _failures: int = 0

    def run(self) -> Iterator[tuple[Row, Mapping[str, Cell]]]:
        """Each row with its added columns, in order. Raises nothing of ours."""
        repeated = find_repeated(self.roster, self.columns)
        for row in self.roster.rows:
            added = self._treat(row, repeated.get(row.place))
            self.tally.rows += 1
            self.tally.problems += added["problem"] is not None
            self.tally.warned += bool(added["warnings"])
            if self.progress:
                self.progress(self.tally)
            yield row, added

    def _treat(self, row: Row, repetition: str | None) -> dict[str, Cell]:
        person = read_person(row, self.columns)
        warnings = [*person.warnings, *([repetition] if repetition else [])]
        problem, prepared = "; ".join(person.problems) or None, None
        if problem is None and self._may_go_on():
            try:
                prepared = self.prepare(person.identity, person.champs)
                self._failures = 0
            except DsBridgeError as error:
                problem = self._explain(error)
        elif problem is None:
            self.tally.left += 1
            problem = f"not asked for: {self.stopped}"
        if prepared is None:
            return {"url": None, "method": None, "warnings": warnings, "problem": problem}
        # The warning NO_FORM is given once, not in every row.
        warnings += [self.columns.rename(each) for each in prepared.warnings if each != NO_FORM]
        warnings += self._keep(prepared, person)
        return {"url": prepared.url, "method": prepared.method, "warnings": warnings, "problem": None}

    def _may_go_on(self) -> bool:
        if self.stopped is None and self.check_stop:
            try:
                self.check_stop()
            except DsBridgeError as error:
                self.stopped = error
        return self.stopped is None

    def _explain(self, error: DsBridgeError) -> str:
        """The row's problem. Stops the batch when the problem is not of this row alone."""
        if isinstance(error, PrefillError):
            return "; ".join(map(self.columns.rename, error.problems)) or str(error)
        self.tally.unknown += isinstance(error, DraftOutcomeUnknownError)
        if isinstance(error, DraftOutcomeUnknownError | RetriableError | ProtocolError):
            self._failures += 1
            if self._failures >= MOST_FAILURES_IN_A_ROW:
                self.stopped = PlatformUnavailableError(
                    f"the platform failed {self._failures} times in a row, the last time so: {error}"
                )
        else:
            self.stopped = error
        return str(error)

    def _keep(self, prepared: Prepared, person: Person) -> tuple[str, ...]:
        if prepared.method == "link":
            self.tally.links += 1
            return ()
        self.tally.drafts += 1
        if self.ledger is None:
            return ()
        try:
            return self.ledger.record(prepared, person.identity)
        except DsBridgeError as error:
            self.stopped = error
            return (f"the draft was made and cannot be followed: it could not be recorded ({error})",)


def find_repeated(roster: Roster, columns: Columns) -> dict[int, str]:
    """By the place of each row whose pilotage identifier is also on other rows: the message about it."""
    column = columns.identity.get("identifiant")
    if column is None:
        return {}
    given = {
        row.place: take_out(str(row.cells.get(column) or ""))[0].strip().lstrip("0") for row in roster.rows
    }
    counts = Counter(identifiant for identifiant in given.values() if identifiant)
    places: dict[str, list[int]] = {}
    for place, identifiant in given.items():
        if counts[identifiant] > 1:
            places.setdefault(identifiant, []).append(place)
    heading = columns.heading("identifiant")
    return {
        place: f"{heading}: the same stands on {_list_places([other for other in among if other != place])}"
        for among in places.values()
        for place in among
    }


def _list_places(places: list[int]) -> str:
    shown = ", ".join(map(str, places[:5])) + (", …" if len(places) > 5 else "")
    return f"row{'s' if len(places) > 1 else ''} {shown}"
