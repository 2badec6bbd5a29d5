"""`GET /v1/demarches/{name}/dossiers/{number}`: gives a dossier as `dump` writes it."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from ds_bridge.store import StoredDeletion
from ds_bridge.web.openapi import declare
from ds_bridge.web.problems import ProblemError
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service
from ds_bridge.web.tagged import ASK_AGAIN, NOT_MODIFIED, answer_tagged

router = APIRouter(route_class=KeyedRoute, tags=["dossiers"])

_EXAMPLE: dict[str, Any] = {
    "dossier": {"demarche": 82349, "number": 1234, "state": "en_construction", "archived": False},
    "identite": {"nom": "NOËL", "prenom": "Zoé", "identifiant": 4211},
    "anomalies": [],
}
_CONTENT = {
    "description": "The dossier, mapped by the démarche's model.",
    "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
}

Number = Annotated[
    int, Path(ge=1, le=2**63 - 1, description="The dossier's number on the platform.", examples=[1234])
]


@router.get(
    "/v1/demarches/{name}/dossiers/{number}",
    operation_id="readDossier",
    summary="Read a dossier",
    response_class=Response,
    responses={200: _CONTENT, **NOT_MODIFIED, **declare(401, 403, 404, 410, 422, 429, 500, 503)},
)
def read_dossier(name: str, number: Number, request: Request) -> Response:
    """The dossier as the last sync brought it and the démarche's model mapped it, anomalies included.

    410 when the platform or the usager deleted the dossier: then forget your copy. The platform is not asked.
    """
    service: Service = request.app.state.service
    refuse_unless_given(service)
    with service.stores.borrow() as store:
        found = store.read_dossier(service.settings.demarche(name).number, number)
    if found is None:
        raise ProblemError(
            404, "The store has no such dossier of this démarche: not deposited, or not yet pulled."
        )
    if isinstance(found, StoredDeletion):
        raise ProblemError(410, f"Deleted on {found.deleted_at.date().isoformat()}.")
    return answer_tagged(request, orjson.dumps(found.document), ASK_AGAIN)


def refuse_unless_given(service: Service) -> None:
    """Raise ProblemError when the configuration says that dossiers are not given out."""
    if not service.settings.web.dossiers:
        raise ProblemError(404, "Dossiers are not given out here (web.dossiers is false).")
