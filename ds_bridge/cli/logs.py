"""Logs of the command: events of `ds_bridge` on stderr, as text for people or one JSON object a line.

With `json`, everything that the command writes on stderr is such an object, last lines and errors included.
"""

from __future__ import annotations

import json
import logging
import sys
from enum import StrEnum
from typing import Any

from structlog.dev import ConsoleRenderer
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor

from ds_bridge.cli.output import escape_json
from ds_bridge.log import STAMPS, show_line, show_message


class LogFormat(StrEnum):
    """How events are written on stderr."""

    TEXT = "text"
    JSON = "json"


_LIBRARY = logging.getLogger("ds_bridge")
# These lines appear whatever the verbosity. They do not propagate: the parent's format would cut them.
_COMMAND = logging.getLogger("ds_bridge.cli")


def configure_logs(verbose: int, log_format: LogFormat) -> None:
    """Show warnings by default, all events with -v, each request with -vv."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    if log_format is LogFormat.JSON:
        _install(_LIBRARY, level, _make_formatter(_write_json))
        _install(_COMMAND, logging.INFO, _make_formatter(_write_json))
    else:
        _install(_LIBRARY, level, _make_formatter(_make_text_renderer(sys.stderr.isatty())))
        _install(_COMMAND, logging.INFO, _Plain())


def say(line: str, *, error: bool = False, **fields: Any) -> None:
    """Write a line for the person or the journal that reads stderr. JSON logs also get the `fields`."""
    if not _COMMAND.handlers:  # the command failed before logs were set up
        sys.stderr.write(f"{show_message(line)}\n")
        sys.stderr.flush()
        return
    _COMMAND.log(logging.ERROR if error else logging.INFO, line, extra={"fields": fields})


def _make_formatter(write: Processor) -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=[_add_fields, *STAMPS],
        processors=[ProcessorFormatter.remove_processors_meta, write],
    )


class _Plain(logging.Formatter):
    """The command's own lines, without anything that a terminal obeys."""

    def format(self, record: logging.LogRecord) -> str:
        return show_message(super().format(record))


class _ToStderr(logging.Handler):
    """Writes to the stderr of that moment: a display of progress replaces it while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except (OSError, ValueError):  # stderr is full, or closed
            self.handleError(record)


def _install(logger: logging.Logger, level: int, formatter: logging.Formatter) -> None:
    handler = _ToStderr()
    handler.setFormatter(formatter)
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def _add_fields(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add the fields that `say` was given."""
    del logger, method
    event.update(getattr(event["_record"], "fields", {}))
    return event


def _make_text_renderer(colors: bool) -> Processor:
    renderer: Processor = ConsoleRenderer(colors=colors, pad_event_to=0)

    def render(logger: Any, method: str, event: EventDict) -> Any:
        """A line for people: the démarche, and the time to the second."""
        event.pop("run", None)
        event["timestamp"] = f"{event['timestamp'].partition('.')[0]}Z"
        shown = {key: show_line(value) if isinstance(value, str) else value for key, value in event.items()}
        return renderer(logger, method, shown)

    return render


def _write_json(logger: Any, method: str, event: EventDict) -> str:
    del logger, method
    first = ("timestamp", "level", "event")
    ordered = {key: event[key] for key in first if key in event} | dict(event)
    return escape_json(json.dumps(ordered, ensure_ascii=False, default=repr))
