"""`model NAME`: the typed pydantic model of a démarche, written from its form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.endings import find_file
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ds_bridge.form import Form


def model(
    name: NameArgument,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to this file instead of stdout.", metavar="FILE.py"),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(
            "--form",
            help="Read the form from this JSON file (public schema or open data): no token needed.",
            metavar="FILE",
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use the form the last sync stored.")] = False,
    names_from: Annotated[
        Path | None,
        typer.Option(
            "--names-from",
            help="Keep the field names of this model file, even where labels have changed.",
            metavar="FILE.py",
        ),
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Write the typed model of a démarche from its form, ready for `model = "…"` in the configuration."""
    from ds_bridge.cli.logs import configure_logs, say
    from ds_bridge.model import class_of, read_document, read_names, save_model, write_model

    kept = read_names(names_from) if names_from else {}
    if form and offline:
        raise ConfigurationError("--form and --offline: give one or the other")
    others: Sequence[Form]
    if form:
        configure_logs(verbose, log_format)
        active, others = read_document(form)
    else:
        active, others = _find_form(name, config, verbose, log_format, offline=offline)
    source = write_model(name, active, others, kept)
    output = find_file(output)
    if output is None:
        from ds_bridge.cli.output import write_document

        write_document(source)
        return
    save_model(source, output)
    if output.stem.isidentifier():
        say(f'{output}: in the configuration, model = "{output.stem}:{class_of(name)}"')


def _find_form(
    name: str, config: Path | None, verbose: int, log_format: LogFormat, *, offline: bool
) -> tuple[Form, Sequence[Form]]:
    from ds_bridge.form import read_forms

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    if not offline:
        from ds_bridge.api.client import Client

        with Client(settings.api) as client:
            return read_forms(client.form_document(demarche.number))
    from ds_bridge.health.status import open_to_read

    with open_to_read(settings) as store:
        document = store.read_form(demarche.number)
    if document is None:
        raise ConfigurationError(
            f"the store holds no form of démarche {demarche.number} yet: run ds-bridge sync {name} first"
        )
    return read_forms(document)
