"""Server: serves an application on a socket until a signal ends it. Open requests get some time to finish."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import cast

import uvicorn
from fastapi import FastAPI

from ds_bridge.errors import ConfigurationError
from ds_bridge.log import get_logger
from ds_bridge.web.connections import ACCEPTED_AT_ONCE, WAITING_OUTSIDE, Caller, Hall

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LAST_MOMENT_SECONDS = 2.0
MAX_HEAD_BYTES = 16 * 1024

_log = get_logger("ds_bridge.web")


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 means any free port. Raises ConfigurationError when the port cannot be
    used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=WAITING_OUTSIDE)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a host"
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {reason}") from None
    # Connections inherit this option. asyncio sets it only on sockets that name their protocol, and without
    # it small answers wait for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def adopt_logs() -> None:
    """Send uvicorn's messages to our log, without traces, because traces may hold data."""
    logger = logging.getLogger("uvicorn.error")
    logger.handlers = logging.getLogger("ds_bridge").handlers
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    logger.addFilter(_drop_trace)


def _drop_trace(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True


def serve(
    app: FastAPI,
    listener: socket.socket,
    hall: Hall,
    *,
    stop_seconds: int,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Answer until SIGTERM or Ctrl-C. Then take no new request; open requests have `stop_seconds` to finish.

    The process does not wait longer for threads that still work (the platform may not answer): it ends.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        # Not httptools: it answers an unknown method by itself, without a problem and without a line in the
        # log.
        http=cast("type[asyncio.Protocol]", partial(Caller, hall)),
        backlog=ACCEPTED_AT_ONCE,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=stop_seconds,
    )
    _Server(config, stop_seconds, on_ready).run([listener])


class _Server(uvicorn.Server):
    """A uvicorn that says when it is ready, ends in time, and then returns; it does not raise the signal
    again."""

    def __init__(self, config: uvicorn.Config, stop_seconds: int, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop_seconds = stop_seconds
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            # Repeat this: asyncio has just told the system to keep fewer waiting connections.
            listener.listen(WAITING_OUTSIDE)
        # What was loaded stays: to walk through it again holds every request up for a tenth of a second.
        gc.collect()
        gc.freeze()
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        previous = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            last_moment = threading.Timer(self._stop_seconds + _LAST_MOMENT_SECONDS, _end_now)
            last_moment.daemon = True
            last_moment.start()
        super().handle_exit(sig, frame)


def _end_now() -> None:
    # Threads cannot be stopped, and Python would wait for them: so end the process.
    _log.warning("requests were cut off", reason="they took longer than web.stop_seconds")
    os._exit(0)
