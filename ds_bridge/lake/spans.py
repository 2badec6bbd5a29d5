"""Spans: which dossiers are to be written again. Files and changes in, ranges of dossier numbers out. Pure.

The files of the table `dossiers` cut the numbers into intervals: a file holds all dossiers of its interval.
An interval is written again when one of its dossiers changed, or when the store holds another number of
dossiers in it than the file: a purge leaves no change behind. A file of any table that reaches into an
interval to be written takes all its other intervals along: so tables that were not written by the same run,
or that somebody compacted, come right.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LAST = 2**63 - 1
EVERYTHING = range(LAST)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a table: its path in the table, bytes, rows, and the lowest and highest dossier in it."""

    path: str
    size: int
    rows: int
    low: int
    high: int

    def meets(self, span: range) -> bool:
        """Whether it may hold dossiers of the span."""
        return self.low < span.stop and span.start <= self.high


def find_spans(
    dossiers: Sequence[DataFile],
    others: Iterable[DataFile],
    changed: Iterable[int],
    count: Callable[[range], int],
) -> list[range]:
    """The spans to write again, in order. `count` says how many live dossiers the store has in a range."""
    cuts = sorted(file.low for file in dossiers)[1:]
    bounds = [0, *cuts, LAST]
    intervals = [range(low, high) for low, high in pairwise(bounds)]
    touched = [False] * len(intervals)
    for number in changed:
        touched[bisect_right(cuts, number)] = True
    held = [0] * len(intervals)
    for file in dossiers:
        held[bisect_right(cuts, file.low)] += file.rows
    for place, interval in enumerate(intervals):
        if not touched[place]:
            touched[place] = count(interval) != held[place]
    _spread(touched, cuts, [*dossiers, *others])
    return list(_join(intervals, touched))


def _spread(touched: list[bool], cuts: list[int], files: Sequence[DataFile]) -> None:
    """Touch all intervals of the files that are in a touched one, until nothing more is."""
    reaches = [slice(bisect_right(cuts, file.low), bisect_right(cuts, file.high) + 1) for file in files]
    wide = [reach for reach in reaches if reach.stop - reach.start > 1]
    while True:
        more = [reach for reach in wide if any(touched[reach]) and not all(touched[reach])]
        if not more:
            return
        for reach in more:
            touched[reach] = [True] * (reach.stop - reach.start)


def _join(intervals: Sequence[range], touched: Sequence[bool]) -> Iterator[range]:
    start = None
    for interval, is_touched in zip(intervals, touched, strict=True):
        if is_touched and start is None:
            start = interval.start
        elif not is_touched and start is not None:
            yield range(start, interval.start)
            start = None
    if start is not None:
        yield range(start, LAST)
