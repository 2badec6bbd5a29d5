"""Whatever the form: a file that compiles and imports, names apart, and each champ in its own field."""

from __future__ import annotations

import ast
import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ds_bridge.form import SILENT, Field, Form
from ds_bridge.mapping import resolve
from ds_bridge.mapping.declared import DeclaredObject, read_model
from ds_bridge.model import write_model
from tests.model.generated import generated
from tests.model.nasty import forms, numbered, place

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def holders(form: Form) -> set[int]:
    """The champs a dossier may hold something in; an empty block holds nothing."""
    return {
        champ.number
        for champ, _ in form.walk()
        if champ.number is not None
        and champ.kind not in SILENT
        and (champ.kind != "repetition" or any(inner.kind not in SILENT for inner in champ.fields))
    }


def names_of(declared: DeclaredObject) -> list[str]:
    return [leaf.attribute for leaf in declared.leaves] + [block.attribute for block in declared.blocks]


def check(form: Form, with_numbers: Form) -> None:
    """The model of `form` resolves on `with_numbers`: every champ feeds one field, no field is shared."""
    with generated("essai", form) as model:
        plan = resolve(model, with_numbers)
        assert plan.fed == holders(with_numbers)
        assert all(len(names) == 1 for names in plan.feeds.values())
        declared = read_model(model)
        for scope in (declared, *(block.variants[0][1] for block in declared.blocks)):
            names = names_of(scope)
            assert len({name.lower() for name in names}) == len(names)
            assert all(name.isascii() and name.isidentifier() and len(name) <= 61 for name in names)
            assert not any(name.startswith(("_", "model_")) for name in names)


@SLOW
@given(forms())
def test_a_form_with_numbers(form: Form) -> None:
    with_numbers = numbered(form)
    check(with_numbers, with_numbers)


@SLOW
@given(forms())
def test_a_form_of_open_data_resolves_by_label_and_place(form: Form) -> None:
    check(form, numbered(form))


@SLOW
@given(forms(), forms(), st.integers(-3, 3))
def test_a_form_with_a_past_keeps_what_the_past_held(form: Form, older: Form, shift: int) -> None:
    # Numbers in common: a champ of the past may be any champ of now, of another kind and elsewhere.
    active, past = numbered(form), numbered(older, itertools.count(1001 + shift))
    with generated("essai", active, [past]) as model:
        plan = resolve(model, active, [past])
        assert plan.fed >= holders(active)
        swapped = {number for number in holders(past) if _is_block(active, number) != _is_block(past, number)}
        moved = {number for number, block in _blocks(past).items() if block in swapped}
        assert plan.fed >= holders(past) - swapped - moved


def _is_block(form: Form, number: int) -> bool | None:
    champ = form.find(number)
    return None if champ is None else champ.kind == "repetition"


def _blocks(form: Form) -> dict[int | None, int | None]:
    return {champ.number: block.number for champ, block in form.walk() if block is not None}


@SLOW
@given(forms())
def test_the_file_says_the_same_every_time_and_fits_its_lines(form: Form) -> None:
    source = write_model("essai", numbered(form))
    assert source == write_model("essai", numbered(form))
    assert source.isprintable() or not [c for c in source if not c.isprintable() and c != "\n"]
    ast.parse(source)


def test_one_label_fifty_times_in_two_sections_and_a_block() -> None:
    crowd = [Field(None, "text", "Précisez") for _ in range(50)]
    header = Field(None, "header_section", "Suite")
    block = Field(None, "repetition", "Précisez", fields=tuple(crowd))
    form = Form(7, "Foule", place([*crowd, header, *crowd, block]))
    check(form, numbered(form))
    check(numbered(form), numbered(form))


def test_several_hundred_champs() -> None:
    kinds = itertools.cycle(("text", "date", "integer_number", "yes_no", "piece_justificative"))
    form = Form(7, "Long", place([Field(None, next(kinds), f"Question {n % 90}") for n in range(500)]))
    check(form, numbered(form))
    check(numbered(form), numbered(form))
