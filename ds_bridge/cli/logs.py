"""Logs of the command: events of `ds_bridge` on stderr, as text for people or one JSON object a line."""

from __future__ import annotations

import logging
import sys

import structlog

from ds_bridge.cli.options import LogFormat


def configure_logs(verbose: int, log_format: LogFormat) -> None:
    """Warnings by default, everything that happens with -v, each request with -vv."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logger = logging.getLogger("ds_bridge")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
