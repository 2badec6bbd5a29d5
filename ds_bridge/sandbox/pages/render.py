"""Render: makes HTML answers from templates, with the headers of every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent
MAX_BODY = 4 * 1024 * 1024

# Pages load nothing from other servers. Addresses with a person's data are not sent on and not cached.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page. Everything in `context` is escaped."""
    html = _ENVIRONMENT.get_template(template).render(**context)
    return HTMLResponse(html, status, headers=HEADERS)


def render_message(title: str, message: str, status: int) -> HTMLResponse:
    """A page with one message."""
    return render("message.html", status, title=title, message=message)


def render_missing_draft() -> HTMLResponse:
    return render_message(
        "Dossier introuvable",
        "Ce dossier n’existe pas, ou n’existe plus : un brouillon prérempli que personne ne reprend est "
        "supprimé au bout de cinq jours.",
        404,
    )


def go_to(address: str) -> RedirectResponse:
    """Another page, to be read with GET."""
    return RedirectResponse(address, 303, headers=HEADERS)
