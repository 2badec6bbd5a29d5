"""`RefusedValueError`: why a value cannot be sent, without the champ's name. Used only inside `prefill`.

Readers of values raise it. `check` adds the champ's name and makes a `Problem` of it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

ProblemCode: TypeAlias = Literal[
    # what the reference names
    "unknown_champ",
    "ambiguous_label",
    "bad_reference",
    "no_id",
    "given_twice",
    "in_block",
    "not_a_block",
    "not_rows",
    # what the champ takes
    "not_prefillable",
    "not_an_option",
    "wrong_type",
    "missing_data",
    "bad_character",
    "bad_boolean",
    "bad_civilite",
    "bad_commune",
    "bad_country",
    "bad_date",
    "bad_datetime",
    "bad_departement",
    "bad_email",
    "bad_epci",
    "bad_iban",
    "bad_number",
    "bad_phone",
    "bad_region",
    "bad_rna",
    "bad_siret",
    "bad_uai",
]


class RefusedValueError(ValueError):
    """`code` is stable, for programs; the message says what is wrong and what is accepted."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: ProblemCode = code
