"""`serve`: the link service, until it is stopped; `serve --new-key NAME`: a key for it."""

from __future__ import annotations

from typing import Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    LogFormatOption,
    VerboseOption,
    begin,
)


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8090,
    new_key: Annotated[
        str | None,
        typer.Option("--new-key", help="Make a key, print it with its line, and stop.", metavar="NAME"),
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Answer over HTTP: links and drafts, forms, stored dossiers. SIGTERM or Ctrl-C stops it."""
    from ds_bridge.cli.extras import need_extra

    need_extra("serve", "web")
    if new_key is not None:
        _print_key(new_key)
        return
    # Requests are all that a service logs: they are shown without -v, unlike a command's events.
    settings = begin(config, verbose + 1, log_format, for_demarches=False)
    from ds_bridge.cli.logs import say
    from ds_bridge.web.app import create_app
    from ds_bridge.web.connections import Hall, count_places
    from ds_bridge.web.server import adopt_logs, open_socket
    from ds_bridge.web.server import serve as answer

    adopt_logs()
    app = create_app(settings)
    with open_socket(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        answer(
            app,
            listener,
            Hall(count_places(settings.web.max_connections), settings.web.head_seconds),
            stop_seconds=settings.web.stop_seconds,
            on_ready=lambda: say(f"ds-bridge serve: {url} (its page: {url}/docs)", url=url),
        )
    say("ds-bridge serve: stopped")


def _print_key(name: str) -> None:
    from ds_bridge.cli.output import write_document
    from ds_bridge.web.keys import make_key

    key, line = make_key(name)
    write_document(
        f"# The key, shown this once: give it to who calls, as Authorization: Bearer <key>\n{key}\n"
        f"# For the configuration, under [web], among keys = [ … ]:\n{line}\n"
    )
