"""What a benchmark gives: a number beside its baseline, as a ratio, with the target it is held to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measure:
    """`value` and `baseline` in `unit`, of the same run. `target`: what the ratio or the value should be.

    `details` are for benchmarks.json alone.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Value over baseline."""
        return self.value / self.baseline if self.baseline else None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"ratio": self.ratio}


def print_table(measures: Iterable[Measure]) -> None:
    """One line a measure."""
    print(f"{'benchmark':44} {'value':>12} {'baseline':>12} {'ratio':>7}  target")
    for each in measures:
        baseline = f"{each.baseline:.2f} {each.unit}" if each.baseline is not None else ""
        ratio = f"{each.ratio:.2f}" if each.ratio is not None else ""
        print(
            f"{each.name:44} {f'{each.value:.2f} {each.unit}':>12} {baseline:>12} {ratio:>7}  {each.target}"
        )
