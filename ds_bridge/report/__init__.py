"""Reports: counts figures from the store, traces each to its dossiers, and writes a page or a PDF in French.

store → gather (one walk) → figures → Report → json, html, pdf

`ds_bridge.report("cra", year=2024)` makes a report: this module can be called, because the function and the
room have the same name. A démarche declares its own figures with the names below (docs/report.md).
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ds_bridge.report.declare import (
    Breakdown,
    Declaration,
    Declared,
    Filed,
    Left,
    Listing,
    Quartiles,
    Setting,
)
from ds_bridge.report.figure import Chapter, Figure, LeftOut, Table
from ds_bridge.report.people import PeopleListing, Reporting
from ds_bridge.report.period import Period

if TYPE_CHECKING:
    from ds_bridge.report.result import Report

__all__ = [
    "Breakdown",
    "Chapter",
    "Declaration",
    "Declared",
    "Figure",
    "Filed",
    "Left",
    "LeftOut",
    "Listing",
    "PeopleListing",
    "Period",
    "Quartiles",
    "Reporting",
    "Setting",
    "Table",
]


class _CallableModule(ModuleType):
    """The type of this module, which can also be called like a function."""

    def __call__(self, *arguments: Any, **named: Any) -> Report:
        from ds_bridge.report.ask import report

        return report(*arguments, **named)


report = sys.modules[__name__]
report.__class__ = _CallableModule
