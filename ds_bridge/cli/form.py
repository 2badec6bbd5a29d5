"""`form NAME`: the champs of a démarche, and which field of the model each feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ds_bridge.config import DemarcheSettings, Settings
    from ds_bridge.form import Field, Form

Feeds: TypeAlias = "dict[int, tuple[str, ...]]"


def form(
    name: NameArgument,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show a démarche's champs: id, kind, label, required, options, and the field each feeds."""
    settings = begin(config, verbose, log_format)
    active, feeds = _read_form(settings, settings.demarche(name))
    if json:
        champs = [_describe(field, feeds) for field in active.fields]
        print_json({"number": active.number, "title": active.title, "champs": champs})
    else:
        print_table(("id", "kind", "label", "required", "feeds", "options"), _list_rows(active, feeds))


def _read_form(settings: Settings, demarche: DemarcheSettings) -> tuple[Form, Feeds]:
    """The active form, and which fields of the model each champ feeds."""
    from ds_bridge.api.client import Client
    from ds_bridge.form import read_forms
    from ds_bridge.sync.plan import build_plan

    with Client(settings.api) as client:
        document = client.form_document(demarche.number)
    active, _ = read_forms(document)
    plan = build_plan(demarche, document)
    return active, plan.feeds if plan else {}


def _list_rows(form: Form, feeds: Feeds) -> Iterator[tuple[str, ...]]:
    for field, block in form.walk():
        yield (
            field.id or "",
            field.kind,
            ("· " if block else "") + field.label,
            "yes" if field.required else "",
            ", ".join(feeds.get(field.number or 0, ())),
            " | ".join(field.options or ()),
        )


def _describe(field: Field, feeds: Feeds) -> dict[str, Any]:
    return {
        "id": field.id,
        "number": field.number,
        "kind": field.kind,
        "label": field.label,
        "section": field.section,
        "required": field.required,
        "options": list(field.options) if field.options is not None else None,
        "feeds": list(feeds.get(field.number or 0, ())),
        "champs": [_describe(inner, feeds) for inner in field.fields],
    }
