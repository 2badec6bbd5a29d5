"""Whole: checks that one dossier can be pulled with the query of a run. Takes a démarche, gives one finding.

When the platform cannot serve a field or an option, every dossier fails. It is better to know that before the
run.
"""

from __future__ import annotations

from contextlib import closing

from ds_bridge.api.client import EPOCH, Client
from ds_bridge.api.routes import EVERY_DOSSIER, Route
from ds_bridge.config import Settings
from ds_bridge.errors import DsBridgeError
from ds_bridge.health.doctor.findings import PLATFORM, Finding, fail

CHECK = "dossier"
_TRIES = 2
# Try the oldest dossier, then the latest one: a single dossier may be bad by itself.
_WAYS = (EVERY_DOSSIER, Route(backward=True))


def check_whole_dossier(settings: Settings, name: str) -> Finding:
    """Ask for one dossier with the run's own query and options."""
    demarche = settings.demarche(name)
    api = settings.api.model_copy(update={"attempts": _TRIES})
    reasons: list[str] = []
    try:
        with Client(api, include=demarche.include) as client:
            for way in _WAYS:
                walk = client.walk_dossiers(demarche.number, since=EPOCH, page_size=1, route=way)
                with closing(walk):
                    page = next(walk)
                if page.nodes:
                    return _tell_given(name, page.nodes[0].get("number"), reasons)
                if not page.unreadable:
                    return Finding(CHECK, "ok", "there is no dossier yet", subject=name)
                reasons += [f"{one.number}: {one.reason}" for one in page.unreadable]
    except DsBridgeError as error:
        return fail(CHECK, error, subject=name)
    drop = f", or take some of these out of with: {', '.join(demarche.include)}" if demarche.include else ""
    return Finding(
        CHECK,
        "failure",
        f"neither the oldest nor the latest dossier can be pulled whole: {'; '.join(dict.fromkeys(reasons))}",
        f"the query or the instance is at fault: upgrade ds-bridge, or report it{drop}",
        name,
        code=PLATFORM,
    )


def _tell_given(name: str, number: object, reasons: list[str]) -> Finding:
    if not reasons:
        return Finding(CHECK, "ok", f"dossier {number} can be pulled whole", subject=name)
    return Finding(
        CHECK,
        "warning",
        f"dossier {number} can be pulled whole, another one cannot: {'; '.join(reasons)}",
        "it will be set aside, and later runs ask for it again",
        name,
    )
