"""Public: decides what the public may see of a figure: nothing about fewer than five people.

A number is suppressed when fewer than five people are behind it, or behind the difference between it and a
total of which it is a part. Then enough neighbours are suppressed too, so that nobody can compute it from
totals and rows. Each period is judged by itself: so the reports of two years suppress a year in the same way.
Zeros stay: no person is behind them. Numbers of people are rounded to the nearest five, because two such
numbers may be about nearly the same people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ds_bridge.report.crowd import Crowd, unite

FEWEST = 5


def is_small(crowd: Crowd) -> bool:
    """Whether some people, but fewer than five, are behind it."""
    return 0 < len(crowd) < FEWEST


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a figure in one period: by column, the people behind it and behind the rest of the column."""

    crowds: tuple[Crowd, ...]
    others: tuple[Crowd, ...]

    def is_small(self, left_out: Crowd) -> bool:
        """Whether too few people are behind a cell, or behind the rest of its column."""
        rest = (each for other in self.others for each in (other, unite((other, left_out))))
        return any(map(is_small, self.crowds)) or any(map(is_small, rest))


@dataclass(frozen=True, slots=True)
class Judged:
    """What to suppress in one period: everything, the value, rows, or reasons."""

    everything: bool = False
    value: bool = False
    rows: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()

    def shows_value(self) -> bool:
        """Whether the value may be shown."""
        return not (self.everything or self.value)

    def shows_row(self, name: str) -> bool:
        """Whether a row may be shown."""
        return not self.everything and name not in self.rows

    def shows_reason(self, name: str) -> bool:
        """Whether the number left out for this reason may be shown."""
        return not self.everything and name not in self.left_out


def judge(value: Crowd, rows: Mapping[str, Part], left_out: Mapping[str, Crowd]) -> Judged:
    """Decide for one period. `value`: the people behind everything that is counted."""
    missing = unite(left_out.values())
    if is_small(value) or is_small(unite((value, missing))):
        return Judged(everything=True)
    reasons = {name: (crowd,) for name, crowd in left_out.items()}
    small_reasons = {name for name, crowd in left_out.items() if is_small(crowd)}
    small_rows = {name for name, part in rows.items() if part.is_small(missing)}
    # When the value is not shown, the total less the rows also holds what was left out.
    behind = missing if is_small(missing) else Crowd()
    return Judged(
        value=is_small(missing),
        rows=frozenset(_hide({name: part.crowds for name, part in rows.items()}, small_rows, behind)),
        left_out=frozenset(_hide(reasons, small_reasons, Crowd())),
    )


def _hide(crowds: Mapping[str, tuple[Crowd, ...]], hidden: set[str], behind: Crowd) -> set[str]:
    """Hide the smallest of the others too, until five people, or nobody, are behind all that is hidden."""
    queue = sorted(crowds.keys() - hidden, key=lambda name: (sum(map(len, crowds[name])), name))
    queue = [name for name in queue if any(map(len, crowds[name]))]
    totals = [unite(column) for column in zip(*crowds.values(), strict=True)]
    told = [place for place, total in enumerate(totals) if not is_small(total)]
    hidden = set(hidden)
    while queue and any(
        is_small(unite((behind, *(crowds[name][place] for name in hidden)))) for place in told
    ):
        hidden.add(queue.pop(0))
    return hidden


def round_people(count: int) -> int | None:
    """A number of people for the public: None when fewer than five, else to the nearest five."""
    return None if 0 < count < FEWEST else FEWEST * ((2 * count + FEWEST) // (2 * FEWEST))
