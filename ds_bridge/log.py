"""Logs: one structured event a line, for the people who run the night. Never content, never a token.

The library hands its events to the standard `logging` tree under `ds_bridge` and configures nothing: silent
until an application (or `cli`) installs a handler.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog

logging.getLogger("ds_bridge").addHandler(logging.NullHandler())

STAMPS = (
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
