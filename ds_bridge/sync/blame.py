"""Blame: is it some dossiers that the platform cannot give, or what we ask of every dossier?

Takes what each page brought. A field that the platform cannot serve makes every dossier fail in the same way,
and a run that sets all of them aside must not call itself complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ds_bridge.api.pages import Unreadable
from ds_bridge.errors import PlatformUnavailableError

MOST_ALIKE = 3


@dataclass
class Blame:
    """What failed in a row, and alike, since a dossier came."""

    fault: str = ""
    in_a_row: int = 0
    failed: int = 0
    came: int = 0

    def note(self, came: int, unreadable: Sequence[Unreadable]) -> None:
        """A page brought so many dossiers, and these could not be given.

        Raises PlatformUnavailableError when three in a row failed alike and none came between.
        """
        self.came += came
        if came:
            self.fault, self.in_a_row = "", 0
            return
        for one in unreadable:
            fault = _tell_fault(one.reason)
            self.in_a_row = self.in_a_row + 1 if fault == self.fault else 1
            self.fault = fault
            self.failed += 1
        if self.in_a_row >= MOST_ALIKE:
            raise PlatformUnavailableError(_accuse(f"{self.in_a_row} dossiers in a row fail", self.fault))

    def conclude(self, *, is_empty: bool) -> None:
        """The walk is over; `is_empty`: nothing of the démarche was ever stored.

        Raises PlatformUnavailableError when dossiers were there and not one could be pulled.
        """
        if self.failed and not self.came and is_empty:
            raise PlatformUnavailableError(_accuse("no dossier of the démarche can be pulled", self.fault))


def _tell_fault(reason: str) -> str:
    # Behind the semicolon stands what differs each time: the platform's id of the exception.
    return reason.split(";")[0]


def _accuse(what: str, fault: str) -> str:
    return (
        f"{what} ({fault}): it is the query or the instance, not the dossiers:"
        " run ds-bridge doctor, try again with less in with"
    )
