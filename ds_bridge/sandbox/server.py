"""`SandboxServer`: the sandbox on a real socket, in a thread, for tests and for `demo`.

with SandboxServer(seed=1, dossiers=50) as server:
    server.url, server.token, server.world, server.faults, server.limit, server.drafts_limit, server.journal
"""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from ds_bridge.sandbox.app import create_app
from ds_bridge.sandbox.faults import Faults
from ds_bridge.sandbox.journal import Journal
from ds_bridge.sandbox.limits import DRAFTS_LIMIT, DRAFTS_WINDOW, PLATFORM_LIMIT, RateLimit, WindowLimit
from ds_bridge.sandbox.transport import SandboxTransport
from ds_bridge.sandbox.world import World

GRACE_SECONDS = 2
TICK_SECONDS = 0.1
START_SECONDS = 30


class SandboxServer:
    """A running sandbox. A given `world` is served as it is; else a world is made and seeded.

    `requests_per_minute` None removes the platform's limit; `server.drafts_limit.most = None` that on drafts.
    `indexed_rows` False: an older instance, which takes no numbered rows in prefill (`server.world.rules`).
    """

    def __init__(
        self,
        seed: int = 1,
        dossiers: int = 50,
        port: int = 0,
        state_file: Path | None = None,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        requests_per_minute: int | None = PLATFORM_LIMIT,
        indexed_rows: bool = True,
    ) -> None:
        self.world = world or World.open(seed=seed, dossiers=dossiers, state_file=state_file)
        if not indexed_rows:
            self.world.rules = replace(self.world.rules, indexed_rows=False)
        self.faults = Faults()
        self.limit = RateLimit(requests_per_minute)
        self.drafts_limit = WindowLimit(DRAFTS_LIMIT, DRAFTS_WINDOW)
        self.journal = Journal()
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The origin, without a slash at the end. The port is known once the server has started."""
        return f"http://{self._host}:{self._port}"

    @property
    def token(self) -> str:
        """A token that sees everything."""
        return self.world.token()

    def start(self) -> None:
        """Listen and answer. Raises OSError when the port is taken."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._server = self._make_server()
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="sandbox", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Stop answering, close the socket and end the thread."""
        if self._server is None or self._thread is None:
            return
        self._server.stop()
        self._thread.join()
        self._server = self._thread = None

    def serve(self) -> None:
        """Answer in this thread until a signal ends it."""
        listener = _listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._make_server().run([listener])

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse every connection while the block runs; open connections are cut."""
        server = self._server
        if server is None:
            raise RuntimeError("the sandbox is not running")
        server.call(server.close_door())
        try:
            yield
        finally:
            server.call(server.open_door(_listen(self._host, self._port)))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _make_server(self) -> _Server:
        app = create_app(self.world, self.faults, self.limit, self.journal, self.drafts_limit)
        config = uvicorn.Config(
            SandboxTransport(app, self._read_clock),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = _Server(config, app.state.closing)
        app.state.refuse_for = partial(server.refuse_for, lambda: _listen(self._host, self._port))
        return server

    def _read_clock(self) -> dt.datetime:
        return self.world.now() + dt.timedelta(seconds=self.faults.skew_seconds)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port))
    # Connections inherit it. asyncio sets it only on sockets that name their protocol, and without it every
    # small answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Server(uvicorn.Server):
    """A uvicorn that says when it is ready, and stops at once instead of on its next tick."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._closing = closing
        self._running: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._running = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        # A signal only sets should_exit, hence the short waits.
        while not self.should_exit:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    def call(self, work: Coroutine[Any, Any, None]) -> None:
        """Call a function in the server's thread, from another thread."""
        assert self._running is not None  # noqa: S101 - it is ready
        asyncio.run_coroutine_threadsafe(work, self._running).result(START_SECONDS)

    async def close_door(self, kept: Any = None) -> None:
        """Stop listening, and cut all connections except `kept`."""
        for listener in self.servers:
            listener.close()
        self.servers.clear()
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and transport is not kept:
                transport.abort()

    async def open_door(self, listener: socket.socket) -> None:
        """Listen again."""
        await super().startup([listener])

    async def refuse_for(self, listen: Callable[[], socket.socket], seconds: float, kept: Any) -> None:
        """Refuse every connection for so many seconds from now on, and cut all open ones except `kept`."""
        await self.close_door(kept)
        self._waiting = asyncio.ensure_future(self._open_door_after(seconds, listen))

    async def _open_door_after(self, seconds: float, listen: Callable[[], socket.socket]) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)
        if not self._closing.is_set():
            await self.open_door(listen())

    def stop(self) -> None:
        """Ask for the end, from another thread."""
        self.should_exit = True
        if self._running is not None:
            self._running.call_soon_threadsafe(self._closing.set)
