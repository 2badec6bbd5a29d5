"""The table of kinds for the documentation, made by the code itself. No link needs this module."""

from __future__ import annotations

import json

from ds_bridge.form import Field, Form
from ds_bridge.prefill.check import check
from ds_bridge.prefill.kinds import KINDS, NOT_PREFILLABLE
from ds_bridge.prefill.values import ChampValue

_OPTIONS = ("Rouge", "Vert, bleu")
_CHILDREN = (Field(2, "text", "Nom"), Field(3, "date", "Date"))
_ROWS: list[ChampValue] = [{"2": "Atelier", "3": "2023-02-01"}, {"2": "Salon"}]


def example_field(kind: str) -> Field:
    """The champ of this kind in the examples: lists have two colours, a block has a name and a date."""
    if kind == "repetition":
        return Field(1, kind, kind, fields=_CHILDREN)
    return Field(1, kind, kind, options=_OPTIONS if kind.endswith("drop_down_list") else None)


def example_value(kind: str) -> ChampValue:
    """The Python value of the example of this kind."""
    return _ROWS if kind == "repetition" else KINDS[kind].example


def describe_kinds() -> str:
    """A Markdown table: kind, what is accepted, a Python value, and what is sent for it (as in a draft).

    >>> print(describe_kinds().splitlines()[0])
    | kind | accepted | from Python | sent |
    """
    lines = ["| kind | accepted | from Python | sent |", "|---|---|---|---|"]
    for kind in KINDS.values():
        accepts = kind.accepts + (f" ({kind.note})" if kind.note else "")
        lines.append(_line(kind.name, accepts))
    lines.append(_line("repetition", "a list of rows: mappings of champs to values"))
    for name, reason in NOT_PREFILLABLE.items():
        lines.append(f"| {name} | nothing" + (f": {reason}" if reason else "") + " | | |")
    return "\n".join(lines) + "\n"


def _line(kind: str, accepts: str) -> str:
    value = example_value(kind)
    form = Form(1, "", (example_field(kind),))
    (sent,) = check(None, {"1": value}, form=form).champs.values()
    return f"| {kind} | {accepts} | `{value!r}` | `{json.dumps(sent, ensure_ascii=False)}` |"
