"""JSON and fingerprints: anything JSON goes through, and only what matters makes a difference."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.store.encoding import (
    clean_text,
    decode_json,
    encode_json,
    fingerprint,
    fingerprint_raw,
)

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
SURROGATES = st.text(st.characters(categories=["Cs", "Lu"]) | st.just("\0"))


def without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(inner) for key, inner in value.items()}
    return [without_nul(inner) for inner in value] if isinstance(value, list) else value


@given(VALUES)
def test_any_json_comes_back_the_same_but_for_nul(value: Any) -> None:
    assert decode_json(encode_json(value)) == without_nul(value)


@given(SURROGATES)
def test_cleaned_text_can_be_stored_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert clean_text(cleaned) == cleaned
    assert decode_json(encode_json({text: text})) == {cleaned: cleaned}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Zoé 👩‍💻", "Zoé 👩‍💻"), ("a\0", "a\ufffd"), ("\ud83d\ude00", "😀"), ("\ud83dx", "\ufffdx"), ("", "")],
)
def test_only_what_no_database_holds_is_replaced(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@pytest.mark.parametrize("number", [2**53, 2**63, -(2**64), 10**40])
def test_numbers_of_any_size_stay_exact(number: int) -> None:
    decoded = decode_json(encode_json({"n": number}))
    assert decoded == {"n": number}
    assert isinstance(decoded["n"], int)


def test_what_json_has_no_number_for_is_null() -> None:
    assert encode_json([float("nan"), float("inf"), 10**30]) == b"[null,null," + str(10**30).encode() + b"]"


@given(st.dictionaries(st.text(), SCALARS, min_size=2))
def test_the_order_of_keys_makes_no_difference(value: dict[str, Any]) -> None:
    assert fingerprint(value) == fingerprint(dict(reversed(value.items())))


def fingerprint_dossier(raw: dict[str, Any], **changed: Any) -> str:
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    columns: dict[str, Any] = {
        "state": "accepte",
        "archived": False,
        "deposited_at": noon,
        "modified_at": noon,
        "revision": "UmV2aXNpb24tMQ==",
    }
    return fingerprint_raw(raw, **columns | changed)


def test_only_the_url_of_a_file_is_short_lived() -> None:
    def raw(file_url: str, field_url: str, filename: str = "a.pdf") -> dict[str, Any]:
        files = [{"filename": filename, "url": file_url}]
        return {"champs": [{"files": files}, {"value": "x", "url": field_url}]}

    same = fingerprint_dossier(raw("https://a/1", "https://site"))
    assert fingerprint_dossier(raw("https://a/2", "https://site")) == same
    assert fingerprint_dossier(raw("https://a/1", "https://other")) != same
    assert fingerprint_dossier(raw("https://a/1", "https://site", "b.pdf")) != same


@pytest.mark.parametrize(
    "column",
    [
        {"state": "refuse"},
        {"archived": True},
        {"deposited_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)},
        {"modified_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)},
        {"revision": "UmV2aXNpb24tMg=="},
    ],
)
def test_a_fingerprint_sees_what_is_kept_in_columns(column: dict[str, Any]) -> None:
    """Else a column would not follow what reads it otherwise in a later version."""
    assert fingerprint_dossier({"number": 1}, **column) != fingerprint_dossier({"number": 1})
