"""Logs of the command: events of `ds_bridge` on stderr, as text for people or one JSON object a line.

With `json`, everything the command says on stderr is such an object, its last lines and errors included.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import structlog
import typer

from ds_bridge.cli.options import LogFormat
from ds_bridge.log import get_logger

_LIBRARY = logging.getLogger("ds_bridge")
# What is said whatever the verbosity: a propagating child would be cut by its parent's format.
_COMMAND = logging.getLogger("ds_bridge.cli")


def configure_logs(verbose: int, log_format: LogFormat) -> None:
    """Warnings by default, everything that happens with -v, each request with -vv."""
    is_json = log_format is LogFormat.JSON
    text = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    _install(_LIBRARY, level, _write_json if is_json else text)
    _install(_COMMAND, logging.INFO, _write_json if is_json else _write_plain)


def say(line: str, *, error: bool = False, **fields: Any) -> None:
    """A line for the person or the journal behind stderr. `fields` are added when logs are JSON."""
    if not _COMMAND.handlers:  # the command line did not get as far as setting logs up
        typer.echo(line, err=True)
        return
    logger = get_logger(_COMMAND.name)
    (logger.error if error else logger.info)(line, **fields)


def _install(logger: logging.Logger, level: int, renderer: structlog.types.Processor) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def _write_json(logger: Any, method: str, event: structlog.types.EventDict) -> str:
    del logger, method
    first = ("timestamp", "level", "event")
    ordered = {key: event[key] for key in first if key in event} | dict(event)
    return json.dumps(ordered, ensure_ascii=False, default=repr)


def _write_plain(logger: Any, method: str, event: structlog.types.EventDict) -> str:
    del logger, method
    return str(event["event"])
