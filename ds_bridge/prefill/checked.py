"""What checking gives: `Checked` values ready to travel, and a `Problem` for each that is not.

Stands between `check` (Python values in) and the two ways out, a link or a draft. A problem names the champ,
what is wrong and what is accepted, and never holds the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Row: TypeAlias = "dict[str, str | list[str]]"
Sent: TypeAlias = "str | list[str] | list[Row]"
"""A champ's value as the platform takes it: text, a list of texts, or the rows of a block."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one champ cannot be sent. `champ` is what the caller called it by; `code` is stable.

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
    """What the platform will accept, and what it would not. Prints without its content.

    `identity` holds the `identite_*` parameters, `champs` the values by `champ_<id>`, in the form's order
    when there is one. `omitted` names what was given empty and is left out.
    """

    identity: dict[str, str] = field(default_factory=dict)
    champs: dict[str, Sent] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stands against sending it."""
        return not self.problems

    def describe_problems(self) -> str:
        """All problems in one line, for a message."""
        return "; ".join(map(str, self.problems))

    def __repr__(self) -> str:
        return f"<Checked {len(self.champs)} champs, {len(self.problems)} problems>"
