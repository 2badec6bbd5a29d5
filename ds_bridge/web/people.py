"""`GET /v1/demarches/{name}/people/{identifiant}`: tells where a person stands, from the store."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from ds_bridge.people.where import look
from ds_bridge.web.dossiers import refuse_unless_given
from ds_bridge.web.openapi import declare
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service
from ds_bridge.web.tagged import ASK_AGAIN, NOT_MODIFIED, answer_tagged

router = APIRouter(route_class=KeyedRoute, tags=["dossiers"])

_EXAMPLE: dict[str, Any] = {
    "name": "cra",
    "identifiant": 4211,
    "next": "deposited",
    "drafts": [],
    "dossiers": [
        {
            "number": 1234,
            "state": "en_construction",
            "next": "deposited",
            "by": "identifiant",
            "deposited_at": "2024-05-30T10:00:00+00:00",
            "modified_at": "2024-05-30T10:00:00+00:00",
            "correction_asked_at": None,
            "valid": True,
            "anomalies": {"error": 0, "warning": 1},
            "url": "https://demarche.numerique.gouv.fr/dossiers/1234",
        }
    ],
    "as_of": "2024-05-31T01:00:00+00:00",
    "warnings": [],
}
_CONTENT = {
    "description": "Drafts, dossiers, and what is next.",
    "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
}

Identifiant = Annotated[
    int, Path(ge=1, lt=10**18, description="The person's number in the pilotage.", examples=[4211])
]


@router.get(
    "/v1/demarches/{name}/people/{identifiant}",
    operation_id="readPerson",
    summary="Where is this person?",
    response_class=Response,
    responses={200: _CONTENT, **NOT_MODIFIED, **declare(401, 403, 404, 422, 429, 500, 503)},
)
def read_person(name: str, identifiant: Identifiant, request: Request) -> Response:
    """Drafts made for this person, their dossiers, and in `next` one word for where they stand.

    `nothing yet`, `prefilled, not opened`, `opened, not deposited`, `draft expired`, `deposited`,
    `correction asked for`, `under instruction`, `accepted`, `refused`, `closed without follow-up`. A dossier
    is tied to a person by the number typed in it, else by the draft from which it was made, never by a name.
    The answer is as of the last good sync (`as_of`); the platform is not asked. An unknown person has
    `nothing yet`.
    """
    service: Service = request.app.state.service
    refuse_unless_given(service)
    with service.stores.borrow() as store:
        champs = service.find_person_champs(name, store)
        found = look(service.settings, name, identifiant, store, champs)
    return answer_tagged(request, orjson.dumps(found.to_json()), ASK_AGAIN)
