"""Blame: finds out whether the platform fails on some dossiers, or on what we ask of every dossier.

Takes what each page brought. When the platform cannot serve a field, every dossier fails in the same way. A
run that sets all dossiers aside must not call itself complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ds_bridge.api.pages import Unreadable
from ds_bridge.errors import PlatformUnavailableError

MOST_ALIKE = 3


@dataclass
class Blame:
    """The dossiers that failed in a row, in the same way, since the last one that came."""

    fault: str = ""
    in_a_row: int = 0
    failed: int = 0
    came: int = 0

    def note(self, came: int, unreadable: Sequence[Unreadable]) -> None:
        """A page brought `came` dossiers, and the platform could not give those of `unreadable`.

        Raises PlatformUnavailableError when three in a row failed in the same way and none came between.
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

        Raises PlatformUnavailableError when the platform listed dossiers and none could be pulled.
        """
        if self.failed and not self.came and is_empty:
            raise PlatformUnavailableError(_accuse("no dossier of the démarche can be pulled", self.fault))


def _tell_fault(reason: str) -> str:
    # The text after the semicolon differs each time: it is the platform's id of the exception.
    return reason.split(";")[0]


def _accuse(what: str, fault: str) -> str:
    return (
        f"{what} ({fault}): the query or the instance is at fault, not the dossiers:"
        " run ds-bridge doctor, and try again with fewer options in `with`"
    )
