"""Logs: one structured event a line, for the people who run the night. Never content, never a token.

The library hands its events to the standard `logging` tree under `ds_bridge` and configures nothing: silent
until an application (or `cli`) installs a handler. structlog is loaded by the first event that somebody
wants: a night on which nothing happens logs nothing, and structlog takes a tenth of its start.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.types import EventDict, Processor

logging.getLogger("ds_bridge").addHandler(logging.NullHandler())

_loading = threading.Lock()
_bound: ContextVar[dict[str, Any]] = ContextVar("ds_bridge.log", default={})  # noqa: B039 - replaced, never changed


class EventLogger:
    """Events of one name. Their fields reach `logging.getLogger(name)` as `extra`."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: Any) -> None:
        """Each request, each wait."""
        self._tell("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """What happened."""
        self._tell("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """What somebody should look at one day."""
        self._tell("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """What somebody should look at."""
        self._tell("error", event, fields)

    def _tell(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(logging.getLevelNamesMapping()[level.upper()]):
            getattr(_wrap(self._logger), level)(event, **fields)


def get_logger(name: str) -> EventLogger:
    """The logger for events of this name."""
    return EventLogger(name)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Every event inside, also in threads of `threads.make_thread`, carries these fields."""
    token = _bound.set(_bound.get() | fields)
    try:
        yield
    finally:
        _bound.reset(token)


def load_structlog() -> Any:
    """structlog, whole. Threads that import it at the same time see half of it."""
    with _loading:
        import structlog

        return structlog


def stamps() -> tuple[Processor, ...]:
    """What every event carries: whose run it is, how grave, when."""
    structlog = load_structlog()
    return (
        _add_bound,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )


@cache
def _wrap(logger: logging.Logger) -> Any:
    structlog = load_structlog()
    return structlog.wrap_logger(
        logger,
        processors=[*stamps(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _add_bound(logger: Any, method: str, event: EventDict) -> EventDict:
    del logger, method
    return {**_bound.get(), **event}
