"""HTML: one file, without script, which loads nothing else. Can be read on a phone, a desktop and paper."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2

from ds_bridge.report.contents import Contents
from ds_bridge.report.pages.plots import draw
from ds_bridge.report.pages.view import make_view

_ADDRESS = ("http://", "https://")


def render(report: Contents) -> str:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_load),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    view = make_view(report)
    plots = {
        figure["id"]: draw(report.figures[figure["id"]], missing=view["missing"])
        for chapter in view["chapters"]
        for figure in chapter["figures"]
        if figure["plot"]
    }
    template = environment.get_template("report.html")
    return template.render(view, plots=plots, style=_load("report.css"), is_address=_is_address)


def _load(name: str) -> str:
    return files("ds_bridge.report.pages").joinpath(name).read_text(encoding="utf-8")


def _is_address(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith(_ADDRESS)
