"""JSON for the store, and fingerprints: equal fingerprints mean that a dossier did not change.

Takes what the platform or the mapping gave, gives JSON that SQLite and PostgreSQL can both hold. Neither
database can keep a NUL character or half a surrogate pair in its JSON functions: they become U+FFFD.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

REPLACEMENT = "\ufffd"
_FINGERPRINT_BYTES = 16


def encode_json(value: Any) -> bytes:
    """Compact UTF-8 JSON, keys in the order they stand.

    Takes numbers of any size: a person may type forty digits as an answer, and orjson stops at 64 bits.
    """
    return _encode(value, sort=False)


def decode_json(text: str | bytes) -> Any:
    """Read back what `encode_json` wrote. Not orjson: it would turn integers over 64 bits into floats."""
    return json.loads(text)


def clean_text(text: str) -> str:
    """The text without the characters that a database refuses: NUL and lone surrogates."""
    if "\0" not in text and (text.isascii() or _is_encodable(text)):
        return text
    joined = text.replace("\0", REPLACEMENT)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def fingerprint(value: Any) -> str:
    """A digest of the value's canonical JSON (keys sorted)."""
    return _digest(_encode(value, sort=True))


def fingerprint_raw(
    raw: dict[str, Any],
    *,
    state: str,
    archived: bool,
    deposited_at: datetime,
    modified_at: datetime,
    revision: str | None,
) -> str:
    """A digest of a raw dossier and of the columns that the store fills from it.

    It leaves out the `url` of the dossier's files, because such a URL is valid for one hour only.
    """
    columns = [state, archived, deposited_at.isoformat(), modified_at.isoformat(), revision]
    seen = {"raw": raw, "columns": columns}
    encoded = _encode(seen, sort=True)
    if b'"url":' in encoded:
        encoded = _encode(_without_file_urls(seen), sort=True)
    return _digest(encoded)


def fingerprint_mapped(document: Any, valid: bool, rows: Iterable[Any], anomalies: Iterable[Any]) -> str:
    """A digest of what mapping gave: the document, the rows of its blocks, its anomalies."""
    blocks = [[row.block, row.position, row.row_id, row.data] for row in rows]
    problems = [[one.path, one.code, one.severity, one.message] for one in anomalies]
    return fingerprint([document, valid, blocks, problems])


def _digest(encoded: bytes) -> str:
    return hashlib.blake2b(encoded, digest_size=_FINGERPRINT_BYTES).hexdigest()


def _encode(value: Any, *, sort: bool) -> bytes:
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort else 0)
    except TypeError:  # orjson.JSONEncodeError: a lone surrogate, or an integer over 64 bits
        return _encode_slowly(value, sort=sort)
    # Look for the backslash first: few texts have one, and a search for one byte is many times as fast.
    if b"\\" in encoded and b"\\u0000" in encoded:
        return _encode_slowly(value, sort=sort)
    return encoded


def _encode_slowly(value: Any, *, sort: bool) -> bytes:
    text = json.dumps(_clean(value), ensure_ascii=False, separators=(",", ":"), sort_keys=sort)
    return text.encode()


def _clean(value: Any) -> Any:
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(key): _clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_clean(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _without_file_urls(value: Any) -> Any:
    if isinstance(value, dict):
        is_file = "url" in value and "filename" in value
        return {
            key: _without_file_urls(inner) for key, inner in value.items() if not (is_file and key == "url")
        }
    if isinstance(value, list):
        return [_without_file_urls(inner) for inner in value]
    return value


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
