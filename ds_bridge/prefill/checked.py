"""Checked: the values that are ready to travel (`Checked`), and a `Problem` for each that is not.

Stands between `check` (Python values in) and the two ways out, a link or a draft. A problem names the champ,
says what is wrong and what is accepted, and never holds the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Row: TypeAlias = "dict[str, str | list[str]]"
Sent: TypeAlias = "str | list[str] | list[Row]"
"""A champ's value as the platform takes it: text, a list of texts, or the rows of a block."""


def find_common(rows: Sequence[Row]) -> str | None:
    """A champ that has one value, not a list, in every row: rows that begin with it need no number."""
    return next((key for key in rows[0] if all(isinstance(row.get(key), str) for row in rows)), None)


def need_numbers(rows: Sequence[Row]) -> bool:
    """Whether a link must number the rows: they hold a list, and no champ has one value in all of them."""
    holds_list = any(not isinstance(value, str) for row in rows for value in row.values())
    return holds_list and find_common(rows) is None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one champ cannot be sent. `champ` is the caller's own name for it; `code` is stable.

    >>> print(Problem("Prix", "bad_number", "the value is not a finite number"))
    Prix: the value is not a finite number
    """

    champ: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.champ}: {self.message}"


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """What the platform will accept, and the problems of the rest. Prints without its content.

    `identity` holds the `identite_*` parameters, `champs` the values by `champ_<id>`, in the form's order
    when there is one. `omitted` names the values that were empty, and are left out.
    """

    identity: dict[str, str] = field(default_factory=dict)
    champs: dict[str, Sent] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def describe_problems(self) -> str:
        """All problems in one line, for a message."""
        return "; ".join(map(str, self.problems))

    def __repr__(self) -> str:
        return f"<Checked {len(self.champs)} champs, {len(self.problems)} problems>"
