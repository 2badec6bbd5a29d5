"""Forms for tests: small ones written in place, the sandbox's CRA, the real ones where they are at hand."""

from __future__ import annotations

import itertools
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId

REAL_FORMS = Path(__file__).parents[3] / "shared" / "ds" / "forms"
CRA_FILE = "82349-cra-coordinateur.json"


def sandbox_cra() -> tuple[Form, Form]:
    """The CRA of the sandbox: its active revision, then the older one."""
    text = resources.files("ds_bridge.sandbox").joinpath("forms", "cra.json").read_text(encoding="utf-8")
    document = json.loads(text)
    older, active = (
        Form.from_revision(
            document["number"],
            document["title"],
            {
                "id": str(revision["number"]),
                "champDescriptors": [_descriptor(champ) for champ in revision["champs"]],
            },
        )
        for revision in document["revisions"]
    )
    return active, older


def real_document(name: str = CRA_FILE) -> dict[str, Any]:
    """An open-data form with ids given to its champs, from 1001; skips where the forms are not at hand."""
    file = REAL_FORMS / name
    if not file.is_file():
        pytest.skip("the real forms are not at hand")
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    give_ids(document)
    return document


def give_ids(document: dict[str, Any]) -> None:
    """Ids in order of appearance, for the champs that have none."""
    numbers = itertools.count(1001)

    def give(descriptors: list[dict[str, Any]]) -> None:
        for descriptor in descriptors:
            descriptor.setdefault("id", ChampId(next(numbers)).encode())
            give(descriptor.get("champDescriptors") or [])

    give(document["revision"]["champDescriptors"])


def real_form(name: str = CRA_FILE) -> Form:
    """A real form, ids given."""
    return Form.from_schema(real_document(name))


def champ_of(number: int, kind: str, label: str, **more: Any) -> Field:
    """A champ of a small form."""
    return Field(number, kind, label, **more)


def form_of(*fields: Field, revision: str | None = None) -> Form:
    """A small form; sections follow from its headers."""
    placed, section = [], None
    for field in fields:
        placed.append(_place(field, section))
        section = field.label if field.kind == "header_section" else section
    return Form(7, "Essai", tuple(placed), revision)


def _place(field: Field, section: str | None) -> Field:
    return Field(
        number=field.number,
        kind=field.kind,
        label=field.label,
        section=section,
        options=field.options,
        other_option=field.other_option,
        fields=field.fields,
    )


def _descriptor(champ: dict[str, Any]) -> dict[str, Any]:
    words = "".join(word.capitalize() for word in champ["kind"].split("_"))
    descriptor = {
        "__typename": f"{words}ChampDescriptor",
        "id": ChampId(champ["id"]).encode(),
        "label": champ["label"],
        "required": champ.get("required", False),
    }
    if "options" in champ:
        descriptor |= {"options": champ["options"], "otherOption": champ.get("other_option", False)}
    if "champs" in champ:
        descriptor["champDescriptors"] = [_descriptor(inner) for inner in champ["champs"]]
    return descriptor
