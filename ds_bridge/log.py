"""Logs: one structured event a line, for the people who run the night. Never content, never a token.

The library hands its events to the standard `logging` tree under `ds_bridge` and configures nothing: silent
until an application (or `cli`) installs a handler.

Text from outside (labels, names, file names, the platform's words) passes through `show_line`,
`show_message` or `show_text` before a person sees it, so that a terminal gets no command to obey.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.types import Processor

# C0 without the tab and the line end, DEL, C1, other line ends, marks that change the direction of reading,
# halves of characters, and code points that are no character.
_COMMANDS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_BLANK = re.compile(r"\r?\n|\t")
_FOREIGN_LINE = re.compile(r"\r?\n(?!  )|\t")

logging.getLogger("ds_bridge").addHandler(logging.NullHandler())

STAMPS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
"""The fields of every event: the run's own (`bound`), the level, and the time."""


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


def show_text(text: str) -> str:
    """Text of many lines that a terminal may show: control characters are escaped, line ends and tabs stay.

    >>> print(show_text("a\\x1b[2J\\u202eb"))
    a\\x1b[2J\\u202eb
    """
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text.replace("\r\n", "\n"))


def show_line(text: str) -> str:
    """The same in one line: line ends and tabs become spaces.

    >>> show_line("one\\ntwo")
    'one two'
    """
    return show_text(_BLANK.sub(" ", text))


def show_message(text: str) -> str:
    """The same for a message: a line stays a line only when it begins with two spaces (our own lists do)."""
    return show_text(_FOREIGN_LINE.sub(" ", text))


def tell_count(count: int, noun: str) -> str:
    """`1 dossier`, `2 dossiers`, `0 anomalies`: the noun is singular for 1 only.

    >>> tell_count(1, "anomaly"), tell_count(0, "anomaly"), tell_count(2, "dossier")
    ('1 anomaly', '0 anomalies', '2 dossiers')
    """
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {plural}"
