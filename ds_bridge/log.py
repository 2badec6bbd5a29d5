"""Logs: one structured event a line, for the people who run the night. Never content, never a token.

The library hands its events to the standard `logging` tree under `ds_bridge` and configures nothing: silent
until an application (or `cli`) installs a handler.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.types import Processor

logging.getLogger("ds_bridge").addHandler(logging.NullHandler())

STAMPS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
"""What every event carries: whose run it is, how grave, when."""


def get_logger(name: str) -> Any:
    """A structlog logger whose events reach `logging.getLogger(name)` with their fields as `extra`."""
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *STAMPS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Every event inside carries these fields, in this context and in copies of it."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def tell_count(count: int, noun: str) -> str:
    """`1 dossier`, `2 dossiers`, `0 anomalies`: only one is one.

    >>> tell_count(1, "anomaly"), tell_count(0, "anomaly"), tell_count(2, "dossier")
    ('1 anomaly', '0 anomalies', '2 dossiers')
    """
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {plural}"
