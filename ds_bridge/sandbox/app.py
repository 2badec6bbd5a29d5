"""The sandbox as a web application: GraphQL, the pages, the prefill API, and the controls for tests."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request, Response

from ds_bridge.sandbox.control import create_control
from ds_bridge.sandbox.endpoint import GraphQLEndpoint
from ds_bridge.sandbox.faults import Faults
from ds_bridge.sandbox.files import FileDesk
from ds_bridge.sandbox.journal import Journal
from ds_bridge.sandbox.limits import RateLimit, WindowLimit
from ds_bridge.sandbox.pages import create_router
from ds_bridge.sandbox.public_desk import PublicDesk
from ds_bridge.sandbox.upload_desk import UploadDesk
from ds_bridge.sandbox.world import World


def create_app(
    world: World,
    faults: Faults | None = None,
    limit: RateLimit | None = None,
    journal: Journal | None = None,
    drafts_limit: WindowLimit | None = None,
) -> FastAPI:
    """The application for a world. What the caller leaves out is made: a script without faults, the
    platform's limits."""
    faults = Faults() if faults is None else faults
    limit = RateLimit() if limit is None else limit
    journal = Journal() if journal is None else journal
    app = FastAPI(title="Bac à sable ds-bridge", openapi_url=None)
    # Set when the server closes, so that late answers (a fault) do not delay the end.
    app.state.closing = asyncio.Event()
    endpoint = GraphQLEndpoint(world, faults, limit, journal)

    @app.post("/api/v2/graphql")
    async def answer_graphql(request: Request) -> Response:
        return await endpoint.answer(request)

    app.include_router(create_control(world, faults, limit, journal))
    desk = PublicDesk(world, faults, journal, drafts_limit)
    app.include_router(FileDesk(world.cabinet, world.now, desk.serve).router)
    app.include_router(UploadDesk(world, desk).router)
    app.include_router(create_router(world, desk))
    return app
