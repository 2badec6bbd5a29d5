"""Anomalies: what is wrong with a dossier's content, as data. Mapping and a model's rules make them.

An `error` makes the object invalid: a value cannot be read as its type, or a report belongs to nobody.
A `warning` is for a person to look at. Messages name fields, never what a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

Severity: TypeAlias = Literal["error", "warning"]


class Anomaly(BaseModel):
    """One problem: where (`evenements[2].date`), which code, how bad, and a sentence for a person."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    path: str
    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of a table of codes: documentation as data, and the one place that sets a severity."""

    code: str
    severity: Severity
    meaning: str

    def at(self, path: str, message: str) -> Anomaly:
        """An anomaly of this code."""
        return Anomaly(path=path, code=self.code, severity=self.severity, message=message)


MALFORMED = Code("malformed", "error", "the champ breaks the platform's own schema; null in the object")
MALFORMED_ELSEWHERE = Code(
    "malformed", "warning", "the same, for a champ that feeds no field, or for a node that is no champ"
)
UNKNOWN_KIND = Code(
    "unknown_kind", "warning", "a kind of champ this version cannot read; kept in the raw dossier"
)
UNKNOWN_STATE = Code("unknown_state", "warning", "a state this version does not know; kept as it came")
ONLY_TEXT = Code(
    "only_text", "warning", "the register has no record for the text that was filed; the text is kept"
)
CHAMP_GONE = Code(
    "champ_gone", "warning", "the form has no champ for this field any more, or several; null in the object"
)
KIND_CHANGED = Code(
    "kind_changed", "error", "the champ is of another kind than the field takes; null in the object"
)
HIDDEN_FILES = Code(
    "hidden_files", "warning", "an identity document was filed, and the platform never shows its files"
)
INVALID = Code("invalid", "error", "the value is not of the field's type; null in the object")
SEVERAL_VALUES = Code(
    "several_values", "error", "several values where the field takes one; null in the object"
)
NOT_A_BLOCK = Code("not_a_block", "error", "a single champ where rows were expected; no rows in the object")
UNKNOWN_OPTION = Code(
    "unknown_option", "warning", "an option no revision of the form offers; kept as it came"
)
UNMAPPED_OPTION = Code(
    "unmapped_option", "error", "an option the model gives no meaning to; null in the object"
)
NO_VARIANT = Code(
    "no_variant", "error", "the champ that gives the row's sort is empty; the row keeps its readable values"
)
REPEATED_CHAMP = Code("repeated_champ", "warning", "the platform sent one champ twice; the first is read")

MAPPING_CODES: tuple[Code, ...] = (
    MALFORMED,
    MALFORMED_ELSEWHERE,
    UNKNOWN_KIND,
    UNKNOWN_STATE,
    ONLY_TEXT,
    CHAMP_GONE,
    KIND_CHANGED,
    HIDDEN_FILES,
    INVALID,
    SEVERAL_VALUES,
    NOT_A_BLOCK,
    UNKNOWN_OPTION,
    UNMAPPED_OPTION,
    NO_VARIANT,
    REPEATED_CHAMP,
)
"""The codes that mapping uses with every model. A model's own rules add theirs."""
