"""On forms that exist: every champ takes an example of its kind, or says that it cannot be prefilled."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from ds_bridge.form import Field, Form
from ds_bridge.prefill import check, encode_params
from ds_bridge.prefill.documentation import example_value
from ds_bridge.prefill.kinds import KINDS, NOT_PREFILLABLE
from ds_bridge.prefill.values import ChampValue
from ds_bridge.sandbox.rack import parse_nested_query

FOLDER = Path(__file__).parents[3] / "shared" / "ds" / "forms"


def number_fields(fields: tuple[Field, ...], numbers: count[int]) -> tuple[Field, ...]:
    """Open data of 2024 gives no ids: any will do."""
    return tuple(
        replace(field, number=next(numbers), fields=number_fields(field.fields, numbers)) for field in fields
    )


def example_of(field: Field) -> ChampValue:
    if field.kind == "repetition":
        inner = {str(each.number): example_of(each) for each in field.fields if each.kind in KINDS}
        return [inner, {}, inner]
    if field.kind == "multiple_drop_down_list":
        return list(field.options or ())
    if field.options:
        return field.options[-1]
    return example_value(field.kind) if field.kind in KINDS else "x"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the real forms are not part of the project")
def test_every_champ_of_real_forms() -> None:
    seen: set[str] = set()
    for file in sorted(FOLDER.glob("*.json")):
        form = Form.from_schema(json.loads(file.read_text(encoding="utf-8")))
        form = replace(form, fields=number_fields(form.fields, count(1)))
        champs = {str(field.number): example_of(field) for field in form.fields}
        checked = check(None, champs, form=form)
        refused = {problem.champ: problem for problem in checked.problems}
        for field in form.fields:
            seen.add(field.kind)
            if field.kind in NOT_PREFILLABLE:
                assert refused.pop(str(field.number)).code == "not_prefillable"
        assert refused == {}, file.name
        parsed = parse_nested_query(encode_params(replace(checked, problems=())))
        assert list(parsed) == list(checked.champs)
    assert {"repetition", "multiple_drop_down_list", "siret", "address"} <= seen
