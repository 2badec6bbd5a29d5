"""Problems: every answer that is not a success, as `application/problem+json` (RFC 9457).

Takes the errors that endpoints and the framework raise, gives a document for programs. The document names
champs and settings, never a value, and has no trace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field

from ds_bridge.errors import (
    DemarcheClosedError,
    DraftNeededError,
    DraftOutcomeUnknownError,
    DsBridgeError,
    FormNotPublicError,
    NotFoundError,
    PathMovedError,
    PlatformUnavailableError,
    PrefillError,
    ProtocolError,
    RateLimitedError,
    RetriableError,
    StoreError,
    StoreVersionError,
)
from ds_bridge.prefill import Problem
from ds_bridge.web.answers import IdentityBody, PrefillBody

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem-type:ds-bridge:"
RETRY_SECONDS = 5
"""The default value of `Retry-After`, in seconds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the last part of its `type`, its title, and what the caller can do."""

    name: str
    title: str
    remedy: str


KINDS: Mapping[int, Kind] = {
    400: Kind("malformed-request", "The body cannot be read", "Send one JSON object in UTF-8."),
    401: Kind("key-required", "A key is required", "Send `Authorization: Bearer <key>` with a known key."),
    403: Kind("key-not-enough", "The key does not open this", "Ask for a key that covers this démarche."),
    404: Kind("not-found", "There is nothing here", "Check the démarche's name and the dossier's number."),
    405: Kind("method-not-allowed", "This address does not take this method", "See the header `Allow`."),
    408: Kind("too-slow", "The body did not arrive in time", "Send the request again."),
    409: Kind(
        "not-prefillable",
        "This démarche cannot be prefilled now",
        "It is closed, not public, or its configured path is an old one: tell the service's operator.",
    ),
    410: Kind("gone", "The dossier was deleted", "Forget it."),
    413: Kind("body-too-large", "The body is too large", "Send less."),
    415: Kind("not-json", "The body is not declared as JSON", "Send `Content-Type: application/json`."),
    422: Kind("invalid-values", "Some values cannot be sent", "Mend what `problems` lists."),
    429: Kind("too-many-requests", "This key asks too often", "Wait as long as `Retry-After` says."),
    500: Kind("internal-fault", "The service failed", "Give `reference` to the service's operator."),
    502: Kind("platform-fault", "The platform gave an answer it never should", "Try again later."),
    503: Kind("unavailable", "Not available for now", "Wait as long as `Retry-After` says, then ask again."),
    504: Kind(
        "draft-outcome-unknown",
        "Nobody knows whether the draft was made",
        "Do not ask again by program: each request may make one more draft.",
    ),
}


class ValueProblem(BaseModel):
    """One thing to mend. `code` is stable and for programs; `message` is for people and without the value."""

    champ: str = Field(description="The champ, or the part of the request, as the caller named it.")
    code: str
    message: str


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 writes it."""

    type: str = Field(description="Which kind of problem, stable, for programs.")
    title: str
    status: int
    detail: str = Field(description="What happened this time, for people. Never holds a value.")
    problems: list[ValueProblem] | None = Field(None, description="With 422: each thing to mend.")
    known: list[str] | None = Field(
        None, description="With 422 for a name nobody knows: the names that can be used."
    )
    reference: str | None = Field(None, description="With 500: what to look for in the service's log.")


class ProblemError(HTTPException):
    """What an endpoint raises to answer with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        problems: Sequence[Problem] = (),
        known: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        reference: str | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.problems = tuple(problems)
        self.known = tuple(known)
        self.reference = reference


def write_problem(error: ProblemError) -> Response:
    """The HTTP answer for a problem."""
    kind = KINDS.get(error.status_code)
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + kind.name if kind else "about:blank",
        "title": kind.title if kind else "HTTP error",
        "status": error.status_code,
        "detail": str(error.detail),
    }
    if error.problems:
        document["problems"] = [
            {"champ": each.champ, "code": each.code, "message": each.message} for each in error.problems
        ]
    if error.known:
        document["known"] = list(error.known)
    if error.reference:
        document["reference"] = error.reference
    return Response(orjson.dumps(document), error.status_code, error.headers, MEDIA_TYPE)


def translate_http(error: HTTPException) -> ProblemError:
    """The problem for the framework's own errors: no such address, no such method."""
    if isinstance(error, ProblemError):
        return error
    detail = {
        404: "No address of this service looks like this one.",
        405: "This address exists, but not for this method.",
    }.get(error.status_code, "The request cannot be answered.")
    return ProblemError(error.status_code, detail, headers=error.headers)


_NAMES: Mapping[tuple[int | str, ...], Sequence[str]] = {
    ("body",): tuple(PrefillBody.model_fields),
    ("body", "identity"): tuple(f"identity.{name}" for name in IdentityBody.model_fields),
}
"""The names that can be written in each place of a body."""


def translate_validation(error: RequestValidationError) -> ProblemError:
    """The problem for a body or address of a wrong shape. pydantic's messages do not quote the input."""
    found = error.errors()
    problems = [
        Problem(_name_place(each["loc"]), each["type"], str(each["msg"]).removeprefix("Value error, "))
        for each in found
    ]
    places = {tuple(each["loc"][:-1]) for each in found if each["type"] == "extra_forbidden"}
    return refuse_values(problems, sorted(name for place in places for name in _NAMES.get(place, ())))


def refuse_values(problems: Sequence[Problem], known: Sequence[str] = ()) -> ProblemError:
    """A 422 with what to mend, and with the known names when a name was not known."""
    things = "1 value cannot be sent" if len(problems) == 1 else f"{len(problems)} values cannot be sent"
    return ProblemError(422, f"{things}: nothing was made.", problems=problems, known=known)


def translate_error(error: DsBridgeError) -> ProblemError | None:
    """The problem for an error of the library; None when a caller can do nothing about it."""
    match error:
        case DraftOutcomeUnknownError():
            return ProblemError(504, str(error))
        case DemarcheClosedError() | FormNotPublicError() | PathMovedError() | NotFoundError():
            return ProblemError(409, str(error))
        case DraftNeededError():
            return refuse_values([Problem("method", "draft_needed", str(error))])
        case PrefillError():
            return refuse_values([Problem("champs", "not_sendable", str(error))])
        case RateLimitedError():
            return unavailable("The platform asks to wait.", error.wait_seconds)
        case RetriableError() | PlatformUnavailableError():
            return unavailable("The platform does not answer as it should.")
        case StoreError() | StoreVersionError():
            return unavailable("The store cannot be read.")
        case ProtocolError():
            return ProblemError(502, "The platform gave an answer that cannot be understood.")
        case _:
            return None


def unavailable(detail: str, seconds: float = RETRY_SECONDS) -> ProblemError:
    """A 503 that says when to come back."""
    return ProblemError(503, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


def _name_place(location: Sequence[int | str]) -> str:
    """`("body", "champs", "nom")` → `nom`; `("body", "identity", "email")` → `identity.email`."""
    parts = [str(part) for part in location]
    if parts[:2] == ["body", "champs"] and len(parts) > 2:
        return parts[2]
    return ".".join(parts[1:]) or parts[0]
