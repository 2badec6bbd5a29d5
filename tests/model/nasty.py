"""Forms nobody would write, and which are on the platform: a strategy, and a seeded sample for checkers."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from ds_bridge.form import Field, Form

_KINDS = """
text textarea email phone iban rna rnf siret address commune departement region pays epci carte date datetime
integer_number number decimal_number yes_no checkbox civilite drop_down_list multiple_drop_down_list
linked_drop_down_list dossier_link piece_justificative titre_identite engagement_juridique formatted
expression_reguliere annuaire_education cojo cnaf dgfip pole_emploi mesri referentiel quotient_familial
header_section explication kind_of_tomorrow
"""
KINDS = tuple(_KINDS.split())
LABELS = (
    "",
    " ",
    "?!…",
    "🙂",
    "Précisez",
    "précisez : ",
    "1. Précisez",
    "Je",
    'Dites "oui"',
    "c'est \\ ici \\",
    "l'\"un\" et l'autre",
    '"""',
    "a\nb\r\nc\td",
    "שלום עולם",
    "مرحبا",
    "\u202eevil\u202c",
    "名前を入力してください" * 12,
    "mot " * 1250,
    "x" * 5000,
    "class",
    "json",
    "copy",
    "schema",
    "model_fields",
    "Model T",
    "type",
    "dossier",
    "anomalies",
    "self",
    "champ",
    "dt",
    "1er choix",
    "_caché_",
    "type: ignore",
    "# noqa",
    "fmt: off",
    "Annotated",
    "DomainModel",
    "Warning",
    "N° de SIRET",
    "Nom(s) de la/des structure(s)",
    "e\u0301te\u0301 ⚠\ufe0f",
    "{nom} % $HOME",
    "\x07\x1b[31m\x00\x85\u2028\ufeff",
)
labels = st.one_of(st.sampled_from(LABELS), st.text(max_size=150))
options = st.lists(
    st.one_of(st.sampled_from(("", " ", "Autre", "a,b", *LABELS[8:14])), st.text(max_size=130))
)


@st.composite
def fields(draw: st.DrawFn, *, in_block: bool = False) -> Field:
    """One champ, a block perhaps, without number or section yet."""
    kind = draw(st.sampled_from(KINDS if in_block else (*KINDS, "repetition", "repetition")))
    inner: Sequence[Field] = ()
    if kind == "repetition":
        inner = draw(st.lists(fields(in_block=True), max_size=5))
    return Field(
        None,
        kind,
        draw(labels),
        description=draw(labels),
        required=draw(st.booleans()),
        options=tuple(draw(options)) if "list" in kind else None,
        other_option=draw(st.booleans()),
        fields=tuple(inner),
    )


def forms() -> st.SearchStrategy[Form]:
    """Forms without numbers, as open data has them."""
    crowds = st.lists(fields(), min_size=1, max_size=14)
    twins = st.tuples(fields(), st.integers(2, 6), st.lists(fields(), max_size=3)).map(
        lambda drawn: list(itertools.chain.from_iterable([drawn[0], *drawn[2]] for _ in range(drawn[1])))
    )
    return st.builds(lambda title, content: Form(7, title, place(content)), labels, st.one_of(crowds, twins))


def place(content: Sequence[Field]) -> tuple[Field, ...]:
    """The champs with the sections that their headers give them."""
    placed: list[Field] = []
    section: str | None = None
    for field in content:
        placed.append(dataclasses.replace(field, section=section, fields=place(field.fields)))
        section = field.label if field.kind == "header_section" else section
    return tuple(placed)


def numbered(form: Form, numbers: Any = None) -> Form:
    """The form with stable numbers, in order of appearance unless given."""
    numbers = numbers or itertools.count(1001)

    def number(each: Field) -> Field:
        mine = next(numbers)
        return dataclasses.replace(each, number=mine, fields=tuple(number(inner) for inner in each.fields))

    return dataclasses.replace(form, fields=tuple(number(each) for each in form.fields))
