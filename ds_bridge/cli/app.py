"""The typer application: one module for each command, and the only place where errors become exit codes.

Only the module of the command in use is loaded; the help that lists all commands loads all.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module, metadata
from typing import Any

import typer

from ds_bridge.cli.logs import say
from ds_bridge.errors import DsBridgeError
from ds_bridge.log import show_line, show_text

EXIT_INTERRUPTED = 130

GROUPS = ("prefill", "store", "config")
COMMANDS = (
    "init",
    "config",
    "demo",
    "sandbox",
    "form",
    "model",
    "prefill",
    "coverage",
    "who",
    "sync",
    "dump",
    "lake",
    "report",
    "files",
    "schema",
    "status",
    "doctor",
    "anomalies",
    "remap",
    "purge",
    "store",
    "act",
    "actions",
    "serve",
)
"""A module of `cli` for each command. It holds a function, or a typer application when it is a group."""

EXAMPLES = {
    "init": "ds-bridge init https://demarche.numerique.gouv.fr/commencer/my-form",
    "demo": "ds-bridge demo --folder /tmp",
    "sandbox": "ds-bridge sandbox --port 8080 --dossiers 200",
    "form": "ds-bridge form cra --json",
    "model": "ds-bridge model cra -o cra_model.py",
    "coverage": "ds-bridge coverage cra roster.csv --since 2024-01-01",
    "who": "ds-bridge who cra 4211",
    "sync": "ds-bridge sync cra --strict --metrics /var/lib/metrics/ds.prom",
    "dump": "ds-bridge dump cra --format xlsx -o cra.xlsx",
    "lake": "ds-bridge lake cra --to /srv/lake",
    "report": "ds-bridge report cra --since 2024-01-01",
    "files": "ds-bridge files cra --to /srv/files",
    "schema": "ds-bridge schema cra",
    "status": "ds-bridge status --max-age 26h",
    "doctor": "ds-bridge doctor cra",
    "anomalies": "ds-bridge anomalies cra --severity error",
    "remap": "ds-bridge remap cra",
    "purge": "ds-bridge purge cra --older-than 730d",
    "act": "ds-bridge act cra actions.csv --dry-run",
    "actions": "ds-bridge actions cra",
    "serve": "ds-bridge serve --port 8090",
}
"""One example for each command; a group has its own in its module. A test runs them through the parser."""


def build_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The application with these commands, in this order."""
    app = typer.Typer(
        name="ds-bridge",
        help="Connects an information system to Démarches Simplifiées: links out, validated dossiers in.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in names:
        module = import_module(f"ds_bridge.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            command, example = getattr(module, name), EXAMPLES.get(name)
            epilog = f"Example: {example}" if example else None
            app.command(name, short_help=shorten(command), epilog=epilog)(command)
    return app


def shorten(command: Callable[..., None]) -> str:
    """The whole first sentence of the command's help. typer itself would cut it to fit the line."""
    first = " ".join((command.__doc__ or "").split("\n\n")[0].split())
    return first.partition(". ")[0].rstrip(".") + "."


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ds-bridge {metadata.version('ds-bridge')}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True
    ),
) -> None:
    del version


def _open_closed_streams() -> None:
    """A parent may start us without stdin, stdout or stderr. Then our output there is lost, without error."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115  # lives as long as we do
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # same
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # same
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show an accent shows a ?


def _drop_output() -> None:
    """Nobody reads our output any more. Without this, Python would complain when it ends and flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_usage(error: Any) -> None:
    """Show how the command is used and what is wrong, as click does. An argument may be a file's name."""
    text = io.StringIO()
    error.message = show_line(
        error.message.removeprefix("Value error, ")
    )  # pydantic's words, by way of typer
    error.show(text)
    sys.stderr.write(show_text(text.getvalue()))
    sys.stderr.flush()


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code. Our own errors are one line on stderr, without a trace."""
    _open_closed_streams()
    try:
        app = build_app(arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS)
        result = app(args=list(arguments), standalone_mode=False)
        sys.stdout.flush()
    except DsBridgeError as error:
        say(f"ds-bridge: {error}", error=True)
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        say("ds-bridge: interrupted", error=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        where = f" {str(error.filename)!r}" if error.filename else ""
        say(f"ds-bridge: reading or writing{where} failed: {error.strerror or error}", error=True)
        return 1
    except Exception as error:
        if not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        _show_usage(error)
        return int(error.exit_code)
    return result if isinstance(result, int) else 0
