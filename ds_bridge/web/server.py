"""Serving: an application on a socket, until a signal ends it. What is under way may finish, in bounds."""

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
    """A listening socket; port 0 takes a free one. Raises ConfigurationError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=WAITING_OUTSIDE)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a host"
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {reason}") from None
    # Connections inherit it. asyncio sets it only on sockets that name their protocol, and without it small
    # answers wait for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def adopt_logs() -> None:
    """Let what uvicorn has to say join our log. Without traces: they may hold data."""
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
    """Answer until SIGTERM or Ctrl-C; then take nothing new and give what is under way `stop_seconds`.

    A thread that still works after that (a platform that does not answer) is left behind: the process ends.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        # httptools, where it is installed, answers a method it does not know by itself: no problem, no line.
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
    """uvicorn that says when it is ready, ends in time, and returns rather than die of the signal again."""

    def __init__(self, config: uvicorn.Config, stop_seconds: int, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop_seconds = stop_seconds
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            # asyncio has just told the system to keep no more than it accepts at once.
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
    # Threads cannot be stopped, and Python would wait for them.
    _log.warning("requests were cut off", reason="they took longer than web.stop_seconds")
    os._exit(0)
