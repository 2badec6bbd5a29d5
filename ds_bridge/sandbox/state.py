"""The sandbox's state file: writes a whole world as JSON (to a new file, then renamed), and reads it back.

Invented dossiers that nobody changed are written without values: the seed makes them again.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol

import orjson
from pydantic import TypeAdapter

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import (
    DeletedDossier,
    Dossier,
    Draft,
    Identity,
    Kept,
    Row,
    SandboxError,
    Token,
    Values,
)
from ds_bridge.sandbox.forms import DemarcheForm
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.sandbox.seed import Invented

VERSION = 1
_INSTRUCTION = TypeAdapter(Instruction)


class Saved(Protocol):
    """What a state file holds of a world."""

    seed: int
    next_number: int
    made: int
    advanced: dt.timedelta
    demarches: dict[int, Demarche]
    drafts: dict[str, Draft]
    tokens: dict[str, Token]

    def make_tokens(self) -> dict[str, Token]:
        """The tokens of a world of this seed."""
        ...


def save_world(world: Saved, path: Path) -> None:
    """Write everything except the forms. A crash leaves the old file."""
    document = {
        "version": VERSION,
        "seed": world.seed,
        "next_number": world.next_number,
        "made": world.made,
        "advanced_seconds": world.advanced.total_seconds(),
        "dossiers": [
            _write(dossier) for home in world.demarches.values() for dossier in home.dossiers.values()
        ],
        "deleted": [_write(entry) for home in world.demarches.values() for entry in home.deleted.values()],
        "drafts": [_write(draft) for draft in world.drafts.values()],
    }
    beside = path.with_name(f"{path.name}.tmp")
    # It holds what people typed, so only its owner may read it, whatever the umask.
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
        file.flush()
        os.fsync(descriptor)
    os.replace(beside, path)


def load_world(world: Saved, path: Path) -> None:
    """Fill an empty world. Raises SandboxError when the file is not a state file of this version."""
    try:
        document = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise SandboxError(f"{path} is not a sandbox's state file: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise SandboxError(f"{path} is not a state file of this version of the sandbox")
    try:
        _fill(world, document)
    except (KeyError, TypeError, ValueError) as error:
        raise SandboxError(f"{path} is not a whole state file: {type(error).__name__}") from error


def _fill(world: Saved, document: dict[str, Any]) -> None:
    world.seed = document["seed"]
    world.next_number, world.made = document["next_number"], document["made"]
    world.advanced = dt.timedelta(seconds=document["advanced_seconds"])
    world.tokens = world.make_tokens()
    for entry in document["dossiers"]:
        home = world.demarches[entry["demarche"]]
        home.put(_read_dossier(entry, world.seed, home.form))
    for entry in document["deleted"]:
        world.demarches[entry["demarche"]].put_deleted(DeletedDossier(**_read(DeletedDossier, entry)))
    for entry in document["drafts"]:
        known = _read(Draft, entry)
        draft = Draft(**{**known, "identity": Identity(**known["identity"])})
        world.drafts[draft.token] = draft


def _write(record: Any) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name == "content":
            written["values"] = None if isinstance(value, Invented) else _write_values(value.values)
        elif field.name == "instruction":
            written["instruction"] = None if value is None else _write_instruction(value)
        elif field.name == "values":
            written["values"] = _write_values(value)
        elif isinstance(value, frozenset):
            written[field.name] = sorted(value)
        else:
            written[field.name] = value
    return written


def _write_instruction(instruction: Instruction) -> dict[str, Any]:
    written: dict[str, Any] = _INSTRUCTION.dump_python(replace(instruction, annotations={}), mode="json")
    return {**written, "annotations": _write_values(instruction.annotations)}


def _read_instruction(entry: dict[str, Any]) -> Instruction:
    annotations = _read_values(entry["annotations"])
    read = _INSTRUCTION.validate_json(orjson.dumps({**entry, "annotations": {}}))
    return replace(read, annotations=annotations)


def _write_values(values: Values) -> dict[str, Any]:
    return {str(stable): _write_value(value) for stable, value in values.items()}


def _write_value(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], Row):
        return {"rows": [{"id": row.id, "values": _write_values(row.values)} for row in value]}
    return value


def _read_values(written: Mapping[str, Any]) -> dict[int, Any]:
    return {int(stable): _read_value(value) for stable, value in written.items()}


def _read_value(value: Any) -> Any:
    if isinstance(value, dict) and "rows" in value:
        return [Row(row["id"], _read_values(row["values"])) for row in value["rows"]]
    return value


def _read_dossier(entry: dict[str, Any], seed: int, form: DemarcheForm) -> Dossier:
    values = entry.pop("values")
    known = _read(Dossier, entry)
    known["identity"] = Identity(**known["identity"])
    if known.get("instruction") is not None:
        known["instruction"] = _read_instruction(known["instruction"])
    if known.get("third_party") is not None:
        known["third_party"] = tuple(known["third_party"])
    if values is None:
        revision = form.revision(known["revision"])
        known["content"] = Invented(seed, form.number, known["number"], known["deposited_at"], revision)
    else:
        known["content"] = Kept(_read_values(values))
    return Dossier(**known)


def _read(record: type[Any], entry: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for field in fields(record):
        if field.name not in entry:
            continue
        value = entry[field.name]
        if isinstance(value, str) and field.name.endswith("_at"):
            value = dt.datetime.fromisoformat(value)
        elif field.name == "prefilled_champs":
            value = frozenset(value)
        elif field.name == "values":
            value = _read_values(value)
        known[field.name] = value
    return known
