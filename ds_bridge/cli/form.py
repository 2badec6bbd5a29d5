"""`form NAME`: the champs of a démarche, and which field of the model each feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormat,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_table

if TYPE_CHECKING:
    from ds_bridge.form import Field


def form(
    name: NameArgument,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show a démarche's champs: id, kind, label, required, options, and the field each feeds."""
    from ds_bridge.api.client import Client
    from ds_bridge.form import read_forms
    from ds_bridge.sync.plan import build_plan

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    with Client(settings.api) as client:
        document = client.form_document(demarche.number)
    active, _ = read_forms(document)
    plan = build_plan(demarche, document)
    feeds = plan.feeds if plan else {}
    if json:
        print_json(
            {
                "number": active.number,
                "title": active.title,
                "champs": [_describe(field, feeds) for field in active.fields],
            }
        )
        return
    print_table(
        ("id", "kind", "label", "required", "feeds", "options"),
        (
            (
                field.id or "",
                field.kind,
                ("· " if block else "") + field.label,
                "yes" if field.required else "",
                ", ".join(feeds.get(field.number or 0, ())),
                " | ".join(field.options or ()),
            )
            for field, block in active.walk()
        ),
    )


def _describe(field: Field, feeds: dict[int, tuple[str, ...]]) -> dict[str, Any]:
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
