"""`GET /` and `GET /v1/demarches`: tells a new caller what the service offers."""

from __future__ import annotations

from importlib import metadata

from fastapi import APIRouter, Request, Response

from ds_bridge.errors import StoreError
from ds_bridge.web.answers import DemarcheAnswer, DemarchesAnswer, IndexAnswer
from ds_bridge.web.openapi import TITLE, declare
from ds_bridge.web.routes import KeyedRoute, NoticedRoute, key_of
from ds_bridge.web.service import Service
from ds_bridge.web.tagged import A_MINUTE, ASK_AGAIN, NOT_MODIFIED, answer_tagged

open_router = APIRouter(route_class=NoticedRoute, tags=["monitoring"])
router = APIRouter(route_class=KeyedRoute, tags=["dossiers"])


@open_router.get(
    "/",
    operation_id="index",
    summary="What is here?",
    response_model=IndexAnswer,
    responses={**NOT_MODIFIED, **declare(500)},
)
async def read_index(request: Request) -> Response:
    """The addresses of this service. Without a key, without data."""
    answer = IndexAnswer(service=TITLE, version=metadata.version("ds-bridge"))
    return answer_tagged(request, answer.model_dump_json().encode(), A_MINUTE)


@router.get(
    "/v1/demarches",
    operation_id="listDemarches",
    summary="List the démarches",
    response_model=DemarchesAnswer,
    responses={**NOT_MODIFIED, **declare(401, 429, 500)},
)
def list_demarches(request: Request) -> Response:
    """The démarches that the key opens, and when the store was last filled for each."""
    service: Service = request.app.state.service
    key = key_of(request)
    found = [_describe(service, name) for name in service.settings.demarches if key.opens(name)]
    answer = DemarchesAnswer(demarches=found)
    return answer_tagged(request, answer.model_dump_json().encode(), ASK_AGAIN)


def _describe(service: Service, name: str) -> DemarcheAnswer:
    demarche = service.settings.demarche(name)
    as_of = None
    try:
        with service.stores.borrow() as store:
            good = store.last_good_run(demarche.number)
            as_of = good.started_at if good else None
    except StoreError:  # no sync has made it yet; /readyz says so
        pass
    return DemarcheAnswer(
        name=name,
        number=demarche.number,
        links=demarche.path is not None,
        dossiers=service.settings.web.dossiers,
        as_of=as_of,
    )
