"""Access: checks what the token opens. Takes a client, gives findings and the forms that it could get.

Whether the token is read-only stays unknown, because only a mutation would tell. A token for `sync` should be
read-only: only `act` writes through the API.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ds_bridge.api.client import Client
from ds_bridge.config import Settings
from ds_bridge.errors import (
    AccessError,
    DsBridgeError,
    NotFoundError,
    OutOfScopeError,
    TokenExpiredError,
)
from ds_bridge.health.doctor.findings import Finding, fail

CHECK = "token"
_TRIES = 2  # a person waits for the doctor's answer


def check_access(settings: Settings, names: Sequence[str]) -> tuple[list[Finding], dict[str, dict[str, Any]]]:
    """Ask for the form of each of these démarches. Gives findings, and the forms by name."""
    findings: list[Finding] = []
    forms: dict[str, dict[str, Any]] = {}
    with Client(settings.api.model_copy(update={"attempts": _TRIES})) as client:
        for name in names:
            number = settings.demarche(name).number
            try:
                forms[name] = client.form_document(number)
            except OutOfScopeError as error:
                remedy = f"add démarche {number} to the token, in the platform's page of its owner's profile"
                findings.append(fail(CHECK, error, remedy, name))
            except NotFoundError as error:
                findings.append(fail(CHECK, error, f"is {number} the number of this démarche?", name))
            except AccessError as error:
                findings.append(fail(CHECK, error, _advise(error)))
                return (
                    findings,
                    forms,
                )  # the token itself is refused: it would be for each
            except DsBridgeError as error:
                findings.append(fail(CHECK, error, subject=name))
    if forms:
        findings.insert(0, Finding(CHECK, "ok", f"accepted; it sees {len(forms)} of {len(names)} démarches"))
        findings.append(_tell_unknown(settings.api.token_expires))
    return findings, forms


def _tell_unknown(end: dt.date | None) -> Finding:
    """Tell what the API never tells: whether the token is read-only, and its last day."""
    details = {"read_only": None, "expires_at": end.isoformat() if end else None}
    if end is not None:
        return Finding(CHECK, "ok", f"its last day is {end}, by api.token_expires", details=details)
    return Finding(
        CHECK,
        "ok",
        "whether it is read-only, and its last day: unknown, the API tells neither",
        "read-only is enough; write its last day (365 days at most, in its owner's profile) as"
        " api.token_expires",
        details=details,
    )


def _advise(error: AccessError) -> str:
    if isinstance(error, TokenExpiredError):
        return "its owner makes another one on the platform; tokens live 365 days at most"
    if "network" in str(error):
        return "add this machine's address to the token's networks, in its owner's profile"
    return "unknown token: was it cut, revoked, or is it another instance's?"
