"""TOML: takes a form and what is known of its champs, gives the section `[demarches.NAME.champs]` to paste.

With a model, the names are its own. Without one, they are the names that a model written from the form would
have, so that no code is needed. A field that the model does not find stands in a comment, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ds_bridge.form import Form
from ds_bridge.ids import ChampId, MalformedIdError
from ds_bridge.mapping.kinds import BLOCK
from ds_bridge.model.outline import FieldOutline, outline_model

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_COMMENT = 90


def write_champs(
    name: str, form: Form, fields: Mapping[str, str], unresolved: Mapping[str, str], *, has_model: bool
) -> str:
    """The section as text. `fields`: name → champ; `unresolved`: name of the model → why it has none."""
    lines = [f"[demarches.{_write_key(name)}.champs]"]
    named = fields if has_model else _name_all(name, form, fields)
    labels = {field.id: field.label for field, _ in form.walk()}
    for key, reference in named.items():
        label = labels.get(_strip(reference))
        comment = "" if label is None else f"  # {_one_line(label)}"
        lines.append(f"{_write_key(key)} = {json.dumps(reference, ensure_ascii=False)}{comment}")
    lines += [f"# {key}: {_one_line(reason)}" for key, reason in unresolved.items()]
    return "\n".join(lines) + "\n"


def _name_all(name: str, form: Form, fields: Mapping[str, str]) -> dict[str, str]:
    """A name for every champ that holds a value, those of blocks after their block. Configured names stay."""
    kept = {number: key for key, reference in fields.items() if (number := _number(reference))}
    *rows, top = outline_model(name, form, kept={n: key for n, key in kept.items() if "." not in key})
    inside = {row.block.id: row for row in rows if row.block is not None}
    named: dict[str, str] = {}
    for member in top.members:
        if not isinstance(member, FieldOutline) or member.champ.id is None:
            continue
        row = inside.get(member.champ.id)
        if row is None and member.champ.kind in BLOCK:
            continue  # a block whose champs hold nothing
        named[member.name] = member.champ.id
        for inner in row.members if row is not None else ():
            if isinstance(inner, FieldOutline) and inner.champ.id is not None:
                named[f"{member.name}.{inner.name}"] = inner.champ.id
    return dict(fields) | {key: each for key, each in named.items() if each not in fields.values()}


def _number(reference: str) -> int | None:
    try:
        return ChampId.parse(reference).stable
    except MalformedIdError:
        return None


def _strip(reference: str) -> str | None:
    number = _number(reference)
    return None if number is None else ChampId(number).encode_for_link()


def _write_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _one_line(text: str) -> str:
    """The text on one line and without control characters, as a TOML comment needs it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _LONGEST_COMMENT else line[: _LONGEST_COMMENT - 1] + "…"
