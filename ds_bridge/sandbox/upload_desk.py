"""Takes the `PUT` of a blob's bytes, at the address from `createDirectUpload`. Faults strike it as
`Upload`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from ds_bridge.sandbox.public_desk import PublicDesk
from ds_bridge.sandbox.world import World


class UploadDesk:
    """Serves the addresses of uploads. `desk` is the public desk, for faults and journal."""

    def __init__(self, world: World, desk: PublicDesk) -> None:
        self._world = world
        self._desk = desk
        self.router = APIRouter(include_in_schema=False)
        address = "/sandbox/uploads/{number}/{expires}/{signature}"
        self.router.add_api_route(address, self.take, methods=["PUT"])

    async def take(self, number: str, expires: str, signature: str, request: Request) -> Response:
        content = await request.body()
        asked = {"number": number}
        if "authorization" in request.headers:
            asked["authorization"] = "given"  # a file store must never see a token: tests look here

        def put() -> Response:
            now = self._world.now()
            return Response(b"", self._world.uploads.put(number, expires, signature, content, now))

        return self._desk.serve("Upload", asked, put)
