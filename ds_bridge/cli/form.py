"""`form NAME`: the champs of a démarche, and which field of the model each feeds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_table, print_tsv, write_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ds_bridge.config import Settings
    from ds_bridge.form import Field, Form
    from ds_bridge.prefill.feeds import Feeds

_HEADINGS = ("id", "kind", "label", "required", "feeds", "options")

TomlOption = Annotated[
    bool, typer.Option("--toml", help="Print the section [demarches.NAME.champs], ready to paste.")
]


def form(
    name: NameArgument,
    json: JsonOption = False,
    toml: TomlOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show a démarche's champs: id, kind, label, required, options, and the field each feeds."""
    if json and toml:
        raise typer.BadParameter("give one of --json and --toml")
    settings = begin(config, verbose, log_format)
    active, feeds = _read_form(settings, name)
    if json:
        names = feeds.name_champs()
        champs = [_describe(field, names) for field in active.fields]
        print_json({"number": active.number, "title": active.title, "champs": champs})
    elif toml:
        from ds_bridge.model.toml import write_champs

        has_model = settings.demarche(name).model is not None
        text = write_champs(name, active, feeds.fields, feeds.unresolved, has_model=has_model)
        write_document(text)
    elif sys.stdout.isatty():
        print_table(_HEADINGS, _list_rows(active, feeds), whole="id")
    else:
        print_tsv(_HEADINGS, _list_rows(active, feeds))
    _say_unresolved(feeds)


def _read_form(settings: Settings, name: str) -> tuple[Form, Feeds]:
    """The active form, and which champ feeds each name."""
    from ds_bridge.api.client import Client
    from ds_bridge.form import read_forms
    from ds_bridge.prefill.feeds import find_feeds

    demarche = settings.demarche(name)
    with Client(settings.api) as client:
        active, _ = read_forms(client.form_document(demarche.number))
    return active, find_feeds(name, demarche, active)


def _say_unresolved(feeds: Feeds) -> None:
    from ds_bridge.cli.logs import say

    for name, reason in feeds.unresolved.items():
        say(f"ds-bridge: {name}: {reason}")


def _list_rows(form: Form, feeds: Feeds) -> Iterator[tuple[str, ...]]:
    names = feeds.name_champs()
    for field, block in form.walk():
        yield (
            field.id or "",
            field.kind,
            ("· " if block else "") + field.label,
            "yes" if field.required else "",
            ", ".join(_list_names(field, names)),
            " | ".join(field.options or ()),
        )


def _list_names(field: Field, names: dict[int | str, list[str]]) -> list[str]:
    by_number = [] if field.number is None else names.get(field.number, [])
    return [*by_number, *names.get(field.label, [])]


def _describe(field: Field, names: dict[int | str, list[str]]) -> dict[str, Any]:
    return {
        "id": field.id,
        "number": field.number,
        "kind": field.kind,
        "label": field.label,
        "section": field.section,
        "required": field.required,
        "options": list(field.options) if field.options is not None else None,
        "feeds": _list_names(field, names),
        "champs": [_describe(inner, names) for inner in field.fields],
    }
