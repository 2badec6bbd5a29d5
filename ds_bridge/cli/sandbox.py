"""`sandbox`: the stand-in platform, until it is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def sandbox(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same dossiers.")] = 1,
    dossiers: Annotated[int, typer.Option("--dossiers", min=0, help="Number of dossiers at the start.")] = 50,
    state: Annotated[
        Path | None, typer.Option("--state", help="Keep everything in this file.", metavar="FILE")
    ] = None,
) -> None:
    """Start a local stand-in for the platform: GraphQL, prefill, form pages. Ctrl-C stops it."""
    from ds_bridge.cli.extras import need_extra

    need_extra("sandbox", "web")
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.output import write_document
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.sandbox.server import SandboxServer
    from ds_bridge.sync.stop import Stop

    if state and not state.parent.is_dir():
        raise ConfigurationError(f"--state {str(state)!r}: there is no such folder")
    server = SandboxServer(seed=seed, dossiers=dossiers, port=port, state_file=state)
    stop = Stop()
    try:
        server.start()
    except OSError as error:
        raise ConfigurationError(f"--port {port}: {error.strerror}: give another") from error
    try:
        with stop.on_signals():
            write_document(_describe(server.url, server.token) + "\n")
            stop.wait()
    finally:
        server.stop()
    say("stopped")


def _describe(url: str, token: str) -> str:
    return f"""\
# ds-bridge sandbox: a stand-in for the platform. Nothing leaves this machine. Ctrl-C stops it.
# Form:  {url}/commencer/a1dac784-b6a0-4733-82c9-2c5c660797cf
# A configuration to copy into ds-bridge.toml:
[api]
url = "{url}"
token = "{token}"

[demarches.cra]
number = 82349
path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
model = "ds_bridge.cra:CompteRendu"

# Then, with nothing more to configure:
#   ds-bridge prefill link cra --nom NOËL --prenom Zoé --identifiant 4211 --email zoe.noel@example.org
#   ds-bridge sync
"""
