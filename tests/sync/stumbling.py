"""A user's own model, whose rule raises on every seventh dossier and prints a word for each dossier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ds_bridge.cra import CompteRendu
from ds_bridge.mapping import Anomaly, Context, Rule

MODEL = f"{__name__}:Stumbling"


def stumble(value: CompteRendu, context: Context) -> Iterable[Anomaly]:
    print(value.dossier.number)  # noqa: T201 - what a process that speaks on its output must not do
    if value.dossier.number % 7 == 0:
        raise TypeError("jeanne@example.org is not a number")
    return []


class Stumbling(CompteRendu):
    rules: ClassVar[tuple[Rule, ...]] = (*CompteRendu.rules, stumble)
