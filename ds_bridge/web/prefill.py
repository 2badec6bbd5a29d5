"""`POST /v1/demarches/{name}/prefill`: takes a person and values, gives an address that opens the dossier."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from ds_bridge.errors import DraftNeededError, PrefillError
from ds_bridge.prefill import Identity, Problem
from ds_bridge.prefill.drafts import Choice, prepare_checked
from ds_bridge.prefill.feeds import check_configured, find_feeds
from ds_bridge.web.answers import IdentityBody, PrefillAnswer, PrefillBody
from ds_bridge.web.forms import SourcedForm
from ds_bridge.web.openapi import declare
from ds_bridge.web.problems import ProblemError, refuse_values
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service

SHORT_BODY_BYTES = 16_384
"""A link can carry far less; to check more than this would make the other callers wait."""

router = APIRouter(route_class=KeyedRoute, tags=["prefill"])


@router.post(
    "/v1/demarches/{name}/prefill",
    operation_id="prefill",
    summary="Make a link or a draft",
    responses=declare(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504),
)
async def prefill(name: str, body: PrefillBody, request: Request) -> PrefillAnswer:
    """Checks every value against the démarche's form, and gives the address that opens a prefilled dossier.

    The platform silently drops a value that it cannot read. This service answers 422 instead: it lists every
    champ to mend, and makes nothing. When the platform does not answer, the form of the last sync is used;
    without any form, a warning says that nothing was checked.

    A draft is not idempotent: after 504, nobody knows whether one was made.
    """
    service: Service = request.app.state.service
    make = partial(_make, service, name, body, await service.forms.find(name))
    # A link is made faster than a thread starts. Drafts wait for the platform, and long bodies take a while.
    if body.method != "draft" and _is_short(request):
        try:
            return make("link")
        except DraftNeededError:
            if body.method == "link":
                raise
    return await run_in_threadpool(make, body.method)


def _is_short(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length[:20]) <= SHORT_BODY_BYTES


def _make(
    service: Service, name: str, body: PrefillBody, found: SourcedForm | None, method: Choice
) -> PrefillAnswer:
    """Make the link or the draft. Raises ProblemError, and DraftNeededError when a link cannot carry it
    all."""
    demarche = service.settings.demarche(name)
    identity, problems = _read_identity(body.identity)
    form = found.form if found else None
    checked = check_configured(service.settings, name, identity, body.champs, form=form)
    if problems or checked.problems:
        unknown = any(problem.code == "unknown_champ" for problem in checked.problems)
        names = sorted(find_feeds(name, demarche, form).fields) if unknown else ()
        raise refuse_values([*problems, *checked.problems], names)
    if demarche.path is None and method != "draft":
        raise ProblemError(409, "This démarche has no path in the configuration: only drafts can be made.")
    prepared = prepare_checked(service.settings, name, checked, client=service.open_client, method=method)
    service.counters.count_prefill(name, prepared.method)
    told = found.warnings if found else ()
    warnings = [*told, *prepared.warnings, *service.remember_draft(demarche.number, prepared, identity)]
    return PrefillAnswer(
        url=prepared.url,
        method=prepared.method,
        length=prepared.length,
        omitted=list(prepared.omitted),
        warnings=warnings,
    )


def _read_identity(body: IdentityBody | None) -> tuple[Identity | None, list[Problem]]:
    """The identity, or a problem for each attribute that is not valid."""
    if body is None:
        return None, []
    given: dict[str, Any] = {
        name: getattr(body, name) for name in IdentityBody.model_fields if name in body.model_fields_set
    }
    try:
        return Identity(**given), []
    except PrefillError:
        problems = [problem for name, value in given.items() if (problem := _find_problem(name, value))]
        return None, problems


def _find_problem(name: str, value: Any) -> Problem | None:
    try:
        Identity(**{name: value})
    except PrefillError as error:
        return Problem(f"identity.{name}", "bad_identity", str(error).removeprefix(f"{name}: "))
    return None
