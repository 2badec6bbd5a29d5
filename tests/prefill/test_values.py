"""Values of champs become the text the platform reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.prefill.values import Scalar, write_scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("texte", "texte"),
        ("  gardé tel quel \n", "  gardé tel quel \n"),
        ("", None),
        (" \n", None),
        (None, None),
        (0, "0"),
        (-3, "-3"),
        (True, "true"),
        (False, "false"),
        (Decimal("3.14"), "3.14"),
        (Decimal("1E+3"), "1000"),
        (Decimal("2.5000"), "2.5"),
        (Decimal("-0.0"), "0"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (dt.date(2023, 2, 1), "2023-02-01"),
        (dt.datetime(2023, 2, 1, 10, 30, 59), "2023-02-01T10:30"),  # noqa: DTZ001  # a form's time has no zone
        (dt.datetime(2023, 7, 1, 22, 30, tzinfo=dt.UTC), "2023-07-02T00:30"),
    ],
)
def test_values_become_text(value: Scalar, text: str | None) -> None:
    assert write_scalar(value, []) == text


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Decimal("3.1416"), "more than 3 decimals"),
        (0.1 + 0.2, "more than 3 decimals"),
        (float("nan"), "not a finite number"),
        (Decimal("Infinity"), "not a finite number"),
        (["secret"], "a list cannot be prefilled"),
        ({"secret": 1}, "a dict cannot be prefilled"),
        (b"secret", "a bytes cannot be prefilled"),
        ("undefined", "missing data"),
        ("secret\x07", "control character"),
    ],
)
def test_what_could_never_arrive_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(RefusedValueError, match=problem) as caught:
        write_scalar(value, [])
    assert "secret" not in str(caught.value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_decimals_keep_their_value_and_the_platforms_shape(value: Decimal) -> None:
    text = write_scalar(value, [])
    assert text is not None
    assert Decimal(text) == value
    assert set(text) <= set("-.0123456789")
