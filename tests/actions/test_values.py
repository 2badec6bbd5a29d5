"""Values of annotations: how a cell is read, by kind, and which values are refused before they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from ds_bridge.actions.values import RefusedValueError, held_by, is_held, read_value
from ds_bridge.api.base import parse_record
from ds_bridge.api.mutations import AnyChamp
from ds_bridge.form import Field


def field(kind: str, **more: Any) -> Field:
    return Field(1, kind, "Annotation", **more)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", " a\x07 ", {"text": " a "}),
        ("text", None, {"text": ""}),
        ("checkbox", "Oui", {"checkbox": True}),
        ("yes_no", 0, {"yesNo": False}),
        ("date", "2026-12-01T10:00:00", {"date": "2026-12-01"}),
        ("date", "1/2/2026", {"date": "2026-02-01"}),
        ("datetime", "2026-12-01T10:00:00Z", {"datetime": "2026-12-01T10:00:00+00:00"}),
        ("integer_number", "-12", {"integerNumber": -12}),
        ("integer_number", 7.0, {"integerNumber": 7}),
        ("decimal_number", "1500,250000", {"decimalNumber": 1500.25}),
        ("multiple_drop_down_list", "Un, deux", {"multipleDropDownList": ["Un, deux"]}),
        ("multiple_drop_down_list", "Un, deux; Trois", {"multipleDropDownList": ["Un, deux", "Trois"]}),
        ("multiple_drop_down_list", ["Trois"], {"multipleDropDownList": ["Trois"]}),
        ("multiple_drop_down_list", "", {"multipleDropDownList": []}),
    ],
)
def test_read(kind: str, given: Any, value: dict[str, Any]) -> None:
    assert read_value(field(kind, options=("Un, deux", "Trois")), given) == value


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("date", "30/02/2026", "no date"),
        ("date", "hier", "no date"),
        ("datetime", "2026-12-01T10:00", "an hour without its zone"),
        ("datetime", "demain", "no date with its hour"),
        ("integer_number", "2147483648", "over 2147483647"),
        ("integer_number", "1,5", "no whole number"),
        ("decimal_number", "0,0001", "more than 3 decimals"),
        ("decimal_number", "beaucoup", "no number"),
        ("drop_down_list", "Ailleurs", "not one of the options"),
        ("multiple_drop_down_list", "Trois; Ailleurs", "not all of it"),
        ("checkbox", None, "no way to empty an annotation of kind checkbox"),
        ("dossier_link", "12", "act writes no annotation of kind dossier_link"),
    ],
)
def test_refused(kind: str, given: Any, said: str) -> None:
    with pytest.raises(RefusedValueError, match=said) as caught:
        read_value(field(kind, options=("Un, deux", "Trois")), given)
    assert str(given) not in str(caught.value)


def test_a_free_option_is_taken() -> None:
    free = field("drop_down_list", options=("Un",), other_option=True)
    assert read_value(free, "Ailleurs") == {"dropDownList": "Ailleurs"}


@pytest.mark.parametrize(
    ("typename", "holds", "value"),
    [
        ("TextChamp", {"value": ""}, {"text": ""}),
        ("TextChamp", {"value": None}, {"text": ""}),
        ("DateChamp", {"date": "2026-12-01"}, {"date": "2026-12-01"}),
        (
            "DatetimeChamp",
            {"datetime": "2026-12-01T10:00:00+01:00"},
            {"datetime": "2026-12-01T09:00:00+00:00"},
        ),
        ("IntegerNumberChamp", {"integer": "12"}, {"integerNumber": 12}),
        ("DecimalNumberChamp", {"decimal": 7.0}, {"decimalNumber": 7}),
        ("MultipleDropDownListChamp", {"values": ["b", "a"]}, {"multipleDropDownList": ["a", "b"]}),
        ("YesNoChamp", {"yesNo": False}, {"yesNo": False}),
        ("NewestChamp", {"stringValue": "FR76"}, {"iban": "FR76"}),
    ],
)
def test_held(typename: str, holds: dict[str, Any], value: dict[str, Any]) -> None:
    node = {
        "__typename": typename,
        "id": "Q2hhbXAtMQ",
        "champDescriptorId": "Q2hhbXAtMQ",
        "label": "x",
        **holds,
    }
    champ = parse_record(AnyChamp, {"champ": node}).champ
    assert is_held(champ, value)
    assert not is_held(champ, {"text": "something else"})


def test_text_that_looks_like_a_date_is_compared_as_text() -> None:
    node = {"__typename": "TextChamp", "id": "a", "champDescriptorId": "a", "label": "x", "value": "T"}
    assert held_by(parse_record(AnyChamp, {"champ": node}).champ) == "T"
