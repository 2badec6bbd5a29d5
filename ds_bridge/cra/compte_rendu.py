"""The declared model that a configuration names: an activity report, with the rules that check it."""

from __future__ import annotations

from typing import ClassVar

from ds_bridge.cra.models import Declared
from ds_bridge.cra.rules import RULES
from ds_bridge.mapping.fields import Rule


class CompteRendu(Declared):
    """One activity report."""

    rules: ClassVar[tuple[Rule, ...]] = RULES
    figures: ClassVar[str | None] = "ds_bridge.cra.figures:FIGURES"
