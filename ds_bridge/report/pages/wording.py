"""Wording: numbers, days and cells as French writes them."""

from __future__ import annotations

import datetime as dt
import re

from ds_bridge.report.figure import Cell, Number

NOT_TOLD = "n. d."
NOTHING = "–"
_THIN = "\u202f"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def write_number(value: Number, missing: str = NOTHING) -> str:
    """`1 234` or `12,5`, with a narrow space between thousands."""
    if value is None:
        return missing
    text = f"{value:,}".replace(",", _THIN)
    return text.replace(".", ",")


def write_cell(cell: Cell, missing: str, *, plain: bool) -> str:
    """A cell of a table. `plain`: whole numbers are names (of a dossier), not quantities."""
    if cell is None:
        return missing
    if isinstance(cell, str):
        day = _DAY.fullmatch(cell)
        return f"{day[3]}/{day[2]}/{day[1]}" if day else cell
    return str(cell) if plain else write_number(cell, missing)


def write_moment(moment: dt.datetime) -> str:
    """`31 octobre 2025 à 18 h 05`, in Paris time."""
    from ds_bridge.report.period import PARIS, write_day

    local = moment.astimezone(PARIS)
    return f"{write_day(local.date())} à {local.hour} h {local.minute:02d}"


def shorten(text: str, length: int) -> str:
    """At most `length` characters, with the ellipsis. Spaces and line ends become one space."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
