"""Choices: yes or no, M. or Mme, one option, several options. A family of kinds.

The platform reads a tick box that is neither `true` nor `false` as false. It drops a whole multiple choice
for one bad option. It takes any text for a single choice, and hides it. So only exact options are sent.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ds_bridge.form import Field
from ds_bridge.prefill.refusals import RefusedValueError

_SHOWN = 12
_OTHER = "__other__"  # what the platform's form sends for "other, not said yet"


def read_boolean(value: object) -> str:
    """`true` or `false`, from a bool or these words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.strip() in ("true", "false"):
        return value.strip()
    raise RefusedValueError(
        "bad_boolean", "neither yes nor no: True, False, or the text true or false is accepted"
    )


def read_civilite(text: str) -> str:
    """`M.` or `Mme`, nothing else."""
    word = text.strip()
    if word not in ("M.", "Mme"):
        raise RefusedValueError("bad_civilite", "the platform takes M. or Mme, nothing else")
    return word


def read_option(field: Field, text: str) -> str:
    """One option of the form, stray spaces aside; any text when the form allows another."""
    if field.options is None or text in field.options:
        return text
    if (option := _match_spaces(field, text)) is not None:
        return option
    if field.other_option and text.strip() != _OTHER:
        return text
    raise RefusedValueError("not_an_option", _describe(field, [text]))


def read_options(field: Field, texts: Sequence[str]) -> list[str]:
    """Several options of the form, each once."""
    chosen = list(dict.fromkeys(_match_spaces(field, text) or text for text in texts))
    if field.options is not None:
        unknown = [text for text in chosen if text not in field.options]
        if unknown:
            raise RefusedValueError("not_an_option", _describe(field, unknown))
    return chosen


def _match_spaces(field: Field, text: str) -> str | None:
    """The one option that is equal, apart from spaces at the ends, repeated spaces and hard spaces."""
    options = field.options or ()
    if text in options:
        return text
    plain = " ".join(text.split())
    same = [option for option in options if " ".join(option.split()) == plain]
    return same[0] if len(same) == 1 else None


def _describe(field: Field, unknown: Sequence[str]) -> str:
    options = field.options or ()
    what = "not an option of the form" if len(unknown) == 1 else f"{len(unknown)} are not options of the form"
    near = [match for text in unknown for match in difflib.get_close_matches(text, options, n=1, cutoff=0.8)]
    if near:
        return f"{what}: the nearest is {near[0]!r}, and it must be exact"
    shown = ", ".join(repr(option) for option in options[:_SHOWN])
    more = f", and {len(options) - _SHOWN} others" if len(options) > _SHOWN else ""
    return f"{what}: it accepts {shown}{more}"
