"""`GET /v1/demarches/{name}/report`: makes the report of the programme, a structure or a person."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from ds_bridge.errors import ConfigurationError
from ds_bridge.prefill import Problem
from ds_bridge.report.formats import need_extra
from ds_bridge.report.make import Audience, make_report
from ds_bridge.report.make import Request as ReportRequest
from ds_bridge.web.openapi import declare
from ds_bridge.web.problems import ProblemError, refuse_values
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service

router = APIRouter(route_class=KeyedRoute, tags=["dossiers"])

MEDIA_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
_CONTENT = {
    "description": "The report, from what the last sync brought.",
    "content": {
        "text/html": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {"schema": {"type": "object"}},
    },
}

For = Annotated[Audience, Query(alias="for", description="Whom the report is for.")]
Identifiant = Annotated[
    int | None, Query(alias="id", ge=1, le=2**63 - 1, description="The structure's or the person's number.")
]
Year = Annotated[int | None, Query(ge=2000, le=9999, description="Deposited in this year.", examples=[2025])]
Since = Annotated[dt.date | None, Query(description="Deposited on this day or later.")]
Until = Annotated[dt.date | None, Query(description="Deposited on this day or earlier.")]
Form = Annotated[Literal["html", "pdf", "json"], Query(alias="format", description="How it is written.")]
Public = Annotated[bool, Query(description="Leave out every number about fewer than five people.")]


@router.get(
    "/v1/demarches/{name}/report",
    operation_id="makeReport",
    summary="Make a report",
    response_class=Response,
    responses={200: _CONTENT, **declare(401, 403, 404, 422, 429, 500, 503)},
)
def read_report(
    name: str,
    request: Request,
    audience: For = "programme",
    identifiant: Identifiant = None,
    year: Year = None,
    since: Since = None,
    until: Until = None,
    form: Form = "html",
    public: Public = False,
) -> Response:
    """The declared activity in French, like `ds-bridge report`, without a roster.

    A person's report is fast. The programme's report reads every dossier: better make it at night with the
    command.
    """
    service: Service = request.app.state.service
    if not service.settings.web.dossiers:
        raise ProblemError(404, "Reports are not given out here (web.dossiers is false).")
    asked = ReportRequest(
        audience=audience, identifiant=identifiant, year=year, since=since, until=until, public=public
    )
    _need(form)
    with service.stores.borrow() as store:
        try:
            report = make_report(store, service.settings, name, asked)
        except ConfigurationError as error:
            raise refuse_values([Problem("report", "not_made", str(error))]) from error
    return Response(report.write(form), media_type=MEDIA_TYPES[form])


def _need(form: str) -> None:
    try:
        need_extra(form)
    except ConfigurationError as error:
        raise ProblemError(404, f"Not made here: {error}.") from error
