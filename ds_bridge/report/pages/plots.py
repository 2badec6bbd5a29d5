"""Plots: draws a figure's table as SVG, with Altair and vl-convert. No browser, no network.

Plots are narrow (the width of a phone), and names are above their bars: so a plot looks the same on a phone,
beside its table on a desktop, and on paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import altair as alt
import vl_convert

from ds_bridge.log import show_line
from ds_bridge.report.counting import EARLIER
from ds_bridge.report.figure import Figure
from ds_bridge.report.pages.view import PLOTTED
from ds_bridge.report.pages.wording import NOTHING, shorten, write_number

WIDTH = 330
YEAR = 12
TICKS = 4
CURRENT_COLOUR = "#1f4e79"
BEFORE_COLOUR = "#7d9bb8"
_INK = "#1b1b1b"
_ROW_HEIGHT = 44
_MONTHS_HEIGHT = 150
_NAME_LENGTH = 50
_SHORT = {
    "janvier": "jan",
    "février": "fév",
    "avril": "avr",
    "juillet": "juil",
    "septembre": "sep",
    "octobre": "oct",
    "novembre": "nov",
    "décembre": "déc",
}
# The page describes the plot: a description of each mark would only disturb a screen reader.
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_ID = re.compile(r'(id="|url\(#|href="#)')


def draw(
    figure: Figure,
    *,
    font: str = "sans-serif",
    missing: str = NOTHING,
    clean: Callable[[str], str] = str,
) -> str:
    """The plot of a figure that has one, as SVG. Its ids are unique, so that one page can hold many plots.

    `missing` is shown when there is no number. `clean` makes of a name what the font can show.
    """
    is_months = figure.show == "months"
    chart = _draw_months(figure, font) if is_months else _draw_bars(figure, font, missing, clean)
    svg = vl_convert.vegalite_to_svg(chart)
    silent = _SPOKEN.sub("", svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return _ID.sub(rf"\g<1>{figure.id}-", silent)


def _read_rows(figure: Figure) -> list[tuple[str, float | None, float | None]]:
    """Each row's name, its number in the period and in the period before."""
    rows = figure.table.rows if figure.table else ()
    return [(str(row[0]), _number(row[-2]), _number(row[-1])) for row in rows]


def _number(cell: object) -> float | None:
    return cell if isinstance(cell, int | float) else None


def _draw_bars(figure: Figure, font: str, missing: str, clean: Callable[[str], str]) -> dict[str, Any]:
    rows = [row for row in _read_rows(figure) if row[1] or row[2]][:PLOTTED]
    values = []
    for place, (name, current, before) in enumerate(rows):
        # An SVG may not hold a control character: it would end the process.
        text = shorten(clean(show_line(name)), _NAME_LENGTH)
        values.append({"row": place, "slot": "a", "value": 0, "text": text})
        for slot, value in (("b", current), ("c", before)):
            values.append(
                {"row": place, "slot": slot, "value": value or 0, "text": write_number(value, missing)}
            )
    most = max((row[1] or 0) + 0.0 for row in rows)
    most = max(most, *((row[2] or 0) + 0.0 for row in rows))
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.2, paddingOuter=0)),
        yOffset=alt.YOffset("slot:N", scale=alt.Scale(domain=["a", "b", "c"], paddingInner=0.08)),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.18])),
    )
    names = base.transform_filter("datum.slot === 'a'").mark_text(align="left", fontSize=12, color=_INK)
    bars = base.transform_filter("datum.slot !== 'a'").mark_bar()
    bars = bars.encode(color=_colour("slot:N", ["b", "c"]))
    numbers = base.transform_filter("datum.slot !== 'a'").mark_text(
        align="left", dx=4, fontSize=11, color=_INK
    )
    layers = alt.layer(names.encode(text="text:N"), bars, numbers.encode(text="text:N"))
    return _finish(layers.properties(width=WIDTH, height=_ROW_HEIGHT * len(rows)), font)


def _draw_months(figure: Figure, font: str) -> dict[str, Any]:
    values: list[dict[str, Any]] = []
    rows = [row for row in _read_rows(figure) if row[0] != EARLIER]
    for place, (name, current, before) in enumerate(rows):
        label = _shorten_month(name)
        for slot, value in (("b", current), ("c", before)):
            values.append({"place": place, "month": label, "slot": slot, "value": value or 0})
    labels = {each["place"]: each["month"] for each in values}
    names = "[" + ",".join(f"'{label}'" for label in labels.values()) + "]"
    chart = (
        alt.Chart({"values": values})
        .mark_bar()
        .encode(
            x=alt.X(
                "place:O",
                title=None,
                axis=alt.Axis(
                    labelExpr=f"{names}[datum.value]",
                    labelAngle=0,
                    labelOverlap=len(rows) > YEAR,
                    ticks=False,
                ),
            ),
            xOffset=alt.XOffset("slot:N", scale=alt.Scale(domain=["b", "c"])),
            y=alt.Y(
                "value:Q",
                title=None,
                axis=alt.Axis(values=_choose_ticks(values), format="d", grid=True, domain=False),
            ),
            color=_colour("slot:N", ["b", "c"]),
        )
        .properties(width=WIDTH - 30, height=_MONTHS_HEIGHT)
    )
    return _finish(alt.layer(chart), font)


def _choose_ticks(values: list[dict[str, Any]]) -> list[int]:
    """Whole numbers only: there is no half event."""
    most = int(max(each["value"] for each in values))
    return list(range(0, most + 1, max(1, -(-most // TICKS))))


def _shorten_month(name: str) -> str:
    month = name.partition(" ")[0]
    return _SHORT.get(month, month)


def _colour(field: str, domain: list[str]) -> alt.Color:
    return alt.Color(
        field, legend=None, scale=alt.Scale(domain=domain, range=[CURRENT_COLOUR, BEFORE_COLOUR])
    )


def _finish(chart: alt.LayerChart | alt.FacetChart, font: str) -> dict[str, Any]:
    finished: dict[str, Any] = chart.configure(
        font=font,
        aria=False,
        background="transparent",
        padding={"left": 0, "right": 2, "top": 2, "bottom": 2},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=_INK, labelFontSize=10, gridColor="#d9d9d9", domainColor="#8a8a8a"),
    ).to_dict()
    return finished
