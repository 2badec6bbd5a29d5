"""`GET /v1/demarches/{name}/dossiers`: gives what changed, page after page, to a program that follows.

Dossiers come in the order in which syncs wrote them to the store; see `store.changes`. A cursor names its
count: a cursor of another store is refused, never misread.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator

from ds_bridge.prefill import Problem
from ds_bridge.store import Change, Place
from ds_bridge.web.dossiers import refuse_unless_given
from ds_bridge.web.openapi import declare
from ds_bridge.web.problems import ProblemError
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service
from ds_bridge.web.tagged import ASK_AGAIN, NOT_MODIFIED, answer_tagged

router = APIRouter(route_class=KeyedRoute, tags=["dossiers"])

MOST = 500
_CURSOR = re.compile(r"([0-9a-f]{16})-([0-9]{1,18})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")
_EXAMPLE: dict[str, Any] = {
    "dossiers": [
        {
            "number": 1234,
            "state": "en_construction",
            "modified_at": "2024-05-30T10:00:00+00:00",
            "deleted": None,
            "dossier": {"dossier": {"number": 1234}, "anomalies": []},
        },
        {
            "number": 1200,
            "state": "en_construction",
            "modified_at": None,
            "deleted": {"kind": "deleted", "reason": "user_request", "at": "2024-05-30T11:00:00+00:00"},
            "dossier": None,
        },
    ],
    "next": "3c59dc048e885024-2",
    "more": False,
}
_CONTENT = {
    "description": "The next changes. `next`: the `after` of the next request; `more`: ask at once.",
    "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
}


def _read_text(given: Any) -> Any:
    """Accept dates as text only: pydantic would read `0.5` as a count of seconds."""
    if isinstance(given, str) and not _DATE.match(given):
        raise ValueError("write it as 2024-05-30T00:00:00+02:00")
    return given


Since = Annotated[
    AwareDatetime | None,
    BeforeValidator(_read_text),
    Query(
        description="Only dossiers modified or deleted at this moment or later. Give the offset.",
        examples=["2024-05-30T00:00:00+02:00"],
    ),
]
After = Annotated[str | None, Query(description="The `next` of the last answer. Left out: from the first.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]


@router.get(
    "/v1/demarches/{name}/dossiers",
    operation_id="listDossiers",
    summary="Follow what changes",
    response_class=Response,
    responses={200: _CONTENT, **NOT_MODIFIED, **declare(401, 403, 404, 422, 429, 500, 503)},
)
def list_dossiers(
    name: str,
    request: Request,
    modified_since: Since = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Every dossier as it now stands, in the order in which changes came; deleted dossiers are tombstones.

    To follow, ask again and again with the `next` of the last answer: at once while `more` is true, later
    when it is not. What a sync writes meanwhile comes after what was given, so nothing is missed. A dossier
    that is modified again comes again. A new store refuses old cursors (422, `unknown_cursor`): then begin
    again without a cursor, and forget the dossiers that do not come.
    """
    service: Service = request.app.state.service
    refuse_unless_given(service)
    number = service.settings.demarche(name).number
    feed, reached = _read_cursor(after)
    with service.stores.borrow() as store:
        place, changes = store.changes(number, reached, limit, since=modified_since)
    if feed is not None and (feed != place.feed or reached > place.changes):
        raise _refuse("unknown_cursor", "this cursor is of another store: begin again without it")
    content = {
        "dossiers": [_describe(change) for change in changes],
        "next": _write_cursor(place, reached, changes, full=len(changes) == limit),
        "more": len(changes) == limit,
    }
    return answer_tagged(request, orjson.dumps(content), ASK_AGAIN)


def _read_cursor(after: str | None) -> tuple[str | None, int]:
    if after is None:
        return None, 0
    match = _CURSOR.fullmatch(after)
    if match is None:
        raise _refuse("bad_cursor", "not a cursor: give the `next` of an answer as it came")
    return match[1], int(match[2])


def _write_cursor(place: Place, reached: int, changes: Any, *, full: bool) -> str | None:
    """The place after the last change given; when fewer came than were asked for, the end of all changes."""
    if place.feed is None:
        return None
    last = changes[-1].change if changes else reached
    return f"{place.feed}-{last if full else max(last, place.changes)}"


def _refuse(code: str, message: str) -> ProblemError:
    return ProblemError(422, "The cursor cannot be used.", problems=[Problem("after", code, message)])


def _describe(change: Change) -> dict[str, Any]:
    gone = change.deletion_kind is not None
    document = None if gone or change.document is None else orjson.Fragment(change.document)
    return {
        "number": change.number,
        "state": change.state,
        "modified_at": change.modified_at,
        "deleted": {"kind": change.deletion_kind, "reason": change.deletion_reason, "at": change.deleted_at}
        if gone
        else None,
        "dossier": document,
    }
