"""PDF: makes a tagged PDF (PDF/UA-1) with Typst, which refuses to write a document that breaks this norm."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import orjson
import typst

from ds_bridge.errors import DsBridgeError
from ds_bridge.report.contents import Contents
from ds_bridge.report.pages.plots import draw
from ds_bridge.report.pages.view import make_view

STANDARD = "ua-1"
FONT = "Libertinus Serif"
"""Typst brings this font: so pages are the same on every machine."""


def render(report: Contents) -> bytes:
    """The document."""
    view = make_view(report)
    sources: dict[str, bytes] = {
        "main": files("ds_bridge.report.pages").joinpath("report.typ").read_bytes(),
        "view.json": orjson.dumps(view),
    }
    for figure in _walk_figures(view):
        if figure["plot"]:
            sources[f"{figure['id']}.svg"] = draw(
                report.figures[figure["id"]], font=FONT, missing=view["missing"]
            ).encode()
    try:
        made = typst.compile(  # type: ignore[call-overload]  # its stubs leave out the mapping it takes
            sources,
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=STANDARD,
            timestamp=int(report.made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise DsBridgeError(f"the PDF could not be written: {error.message}") from None
    return bytes(made)


def _walk_figures(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [figure for chapter in view["chapters"] for figure in chapter["figures"]]
