"""The service as a web application: takes settings, gives a FastAPI. Its layers: visits, CORS, routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata
from typing import cast

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware

from ds_bridge.config import Settings
from ds_bridge.web import changes, descriptions, dossiers, index, monitoring, page, people, prefill, reports
from ds_bridge.web.openapi import TITLE, describe
from ds_bridge.web.problems import translate_http, translate_validation, write_problem
from ds_bridge.web.routes import NoticedRoute
from ds_bridge.web.service import Service
from ds_bridge.web.visits import Visits

_pages = APIRouter(route_class=NoticedRoute, include_in_schema=False)


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises ConfigurationError for settings that cannot be served, such as bad keys."""
    service = Service(settings)

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        del app
        service.warm()
        try:
            yield
        finally:
            service.close()

    app = FastAPI(
        title=TITLE,
        version=metadata.version("ds-bridge"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=live,
    )
    app.state.service = service
    for router in (
        prefill.router,
        descriptions.router,
        index.router,
        changes.router,
        dossiers.router,
        reports.router,
        people.router,
        index.open_router,
        monitoring.router,
        page.router,
        _pages,
    ):
        app.include_router(router)
    app.add_exception_handler(StarletteHTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    if settings.web.allow_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.web.allow_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["Retry-After", "ETag"],
        )
    app.add_middleware(Visits, counters=service.counters)
    return app


@_pages.get("/openapi.json")
async def read_description(request: Request) -> dict[str, object]:
    """The service's description."""
    return describe(request.app)


async def _answer_http(request: Request, error: Exception) -> Response:
    del request
    return write_problem(translate_http(cast("HTTPException", error)))


async def _answer_validation(request: Request, error: Exception) -> Response:
    del request
    return write_problem(translate_validation(cast("RequestValidationError", error)))
