"""The typer application: one command a module, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

import ds_bridge
from ds_bridge.cli import (
    anomalies,
    coverage,
    demo,
    doctor,
    dump,
    files,
    form,
    model,
    prefill,
    purge,
    remap,
    sandbox,
    schema,
    serve,
    status,
    sync,
)
from ds_bridge.cli.logs import say
from ds_bridge.errors import DsBridgeError

EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="ds-bridge",
    help="Connects an information system to Démarches Simplifiées: links out, validated dossiers in.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("sandbox")(sandbox.sandbox)
app.command("form")(form.form)
app.command("model")(model.model)
app.add_typer(prefill.app, name="prefill")
app.command("coverage")(coverage.coverage)
app.command("sync")(sync.sync)
app.command("dump")(dump.dump)
app.command("files")(files.files)
app.command("schema")(schema.schema)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("anomalies")(anomalies.anomalies)
app.command("remap")(remap.remap)
app.command("purge")(purge.purge)
app.command("serve")(serve.serve)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ds-bridge {ds_bridge.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True
    ),
) -> None:
    del version


def _open_closed_streams() -> None:
    """A parent may start us without stdin, stdout or stderr: what is said there goes nowhere, not wrong."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115  # lives as long as we do
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # same
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # same


def _drop_output() -> None:
    """Nobody takes our output any more: Python would complain again at its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code. An error of ours is one line on stderr, never a trace."""
    _open_closed_streams()
    try:
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
        error.show()
        return int(error.exit_code)
    return result if isinstance(result, int) else 0
