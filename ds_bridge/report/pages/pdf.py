"""PDF: makes a tagged PDF (PDF/UA-1) with Typst, which refuses to write a document that breaks this norm."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import orjson
import typst

from ds_bridge.errors import DsBridgeError
from ds_bridge.report.contents import Contents
from ds_bridge.report.pages.glyphs import FONTS, compile_pdf, replace_missing
from ds_bridge.report.pages.plots import draw
from ds_bridge.report.pages.view import change_texts, make_view

_REPLACED = (
    "Ce PDF montre □ à la place des caractères que sa police n'a pas, comme les émojis. Le rapport au format"
    " HTML les montre."
)


def render(report: Contents) -> bytes:
    """The document."""
    told = make_view(report)
    view = change_texts(told, replace_missing)
    if view != told:
        view["notes"].append(_REPLACED)
    sources: dict[str, bytes] = {
        "main": files("ds_bridge.report.pages").joinpath("report.typ").read_bytes(),
        "view.json": orjson.dumps(view | {"fonts": FONTS}),
    }
    for figure in _walk_figures(view):
        if figure["plot"]:
            drawn = draw(
                report.figures[figure["id"]], font=FONTS[0], missing=view["missing"], clean=replace_missing
            )
            sources[f"{figure['id']}.svg"] = drawn.encode()
    try:
        return compile_pdf(sources, timestamp=int(report.made_at.timestamp()))
    except typst.TypstError as error:
        raise DsBridgeError(f"the PDF could not be written: {error.message}") from None


def _walk_figures(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [figure for chapter in view["chapters"] for figure in chapter["figures"]]
