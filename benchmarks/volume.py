"""Volume: a démarche of any size, kept as numbers and dates only. Takes a connection's arguments, gives a
page.

Orders, cursors and bounds are the platform's (`sandbox.paging`): by modification when `updatedSince` is
given, else by deposit, which is here the order of numbers.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from ds_bridge.sandbox.ordering import DateOrder
from ds_bridge.sandbox.paging import Page, PageArguments, take_page

FIRST_NUMBER = 20_000_000
FIRST_MOMENT = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
SECONDS_APART = 600
NIGHT = dt.timedelta(days=1)


class Volume:
    """`count` dossiers, each modified some time after the one before; `last` is the date of the last one.

    `state_of` gives a number's state, for the filter.
    """

    def __init__(self, count: int, state_of: Callable[[int], str]) -> None:
        self.count = count
        self._state_of = state_of
        self._changed: dict[int, dt.datetime] = {}
        self._numbers = range(FIRST_NUMBER, FIRST_NUMBER + count)
        self._by_deposit, self._by_modification = DateOrder(), DateOrder()
        for order in (self._by_deposit, self._by_modification):
            order.add_many((self.moment(number), number) for number in self._numbers)
        self.last = self.moment(FIRST_NUMBER + count - 1)

    def moment(self, number: int) -> dt.datetime:
        """When a dossier was last modified."""
        first = FIRST_MOMENT + dt.timedelta(seconds=SECONDS_APART * (number - FIRST_NUMBER))
        return self._changed.get(number, first)

    def version(self, number: int) -> int:
        """1; 2 after a change."""
        return 1 + (number in self._changed)

    def change(self, share: float) -> int:
        """Change this share of the dossiers, in the day after the last date. Gives how many."""
        chosen = random.Random(self.count).sample(self._numbers, round(share * self.count))
        for place, number in enumerate(chosen, start=1):
            self._by_modification.remove((self.moment(number), number))
            self._changed[number] = self.last + NIGHT * place / len(chosen)
            self._by_modification.add((self._changed[number], number))
        return len(chosen)

    def take(self, arguments: dict[str, Any]) -> Page:
        """The page of `dossiers(…)`. Raises BadArgumentError."""
        since, state = arguments.get("updatedSince"), arguments.get("state")
        order = self._by_deposit if since is None else self._by_modification
        accepts = _accept_all if state is None else lambda number: self._state_of(number) == state
        return take_page(order, PageArguments.read(arguments), since, accepts)


def _accept_all(number: int) -> bool:
    del number
    return True
