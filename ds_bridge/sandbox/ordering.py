"""Keeps dossier numbers in the order of a date: so the cost of a page does not grow with the démarche."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Key: TypeAlias = tuple[dt.datetime, int]


class DateOrder:
    """A sorted list of (date, number). Ties are in the order of numbers, as on the platform."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: Key) -> None:
        insort(self._keys, key)

    def add_many(self, keys: Iterable[Key]) -> None:
        """Faster than `add` one by one."""
        self._keys.extend(keys)
        self._keys.sort()

    def remove(self, key: Key) -> None:
        """Remove a key, which must be there."""
        place = bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            raise KeyError(key)
        del self._keys[place]

    def forward(self, since: dt.datetime | None = None, after: Key | None = None) -> Iterator[Key]:
        """Keys in ascending order, from `since` (inclusive) and strictly past `after`."""
        keys = self._keys
        start = 0 if since is None else bisect_left(keys, (since, -1))
        if after is not None:
            start = max(start, bisect_right(keys, after))
        for place in range(start, len(keys)):
            yield keys[place]

    def backward(self, since: dt.datetime | None = None, before: Key | None = None) -> Iterator[Key]:
        """Keys in descending order, strictly below `before`, down to `since` (inclusive)."""
        keys = self._keys
        end = len(keys) if before is None else bisect_left(keys, before)
        start = 0 if since is None else bisect_left(keys, (since, -1))
        for place in range(end - 1, start - 1, -1):
            yield keys[place]
