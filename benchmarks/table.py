"""Table: the result of a benchmark: a number, its baseline, their ratio, and the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A result. `value` and `baseline` are in `unit`, from the same run. `target`: the wanted ratio or value.

    `details` are only for benchmarks.json.
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
    """Print one line for each result."""
    print(f"{'benchmark':44} {'value':>12} {'baseline':>12} {'ratio':>7}  target")
    for each in measures:
        baseline = f"{each.baseline:.2f} {each.unit}" if each.baseline is not None else ""
        ratio = f"{each.ratio:.2f}" if each.ratio is not None else ""
        print(
            f"{each.name:44} {f'{each.value:.2f} {each.unit}':>12} {baseline:>12} {ratio:>7}  {each.target}"
        )
