"""Rack: reads query strings like the platform's web server (Rack 3, under Rails 7.2).

This is the first step of the sandbox's prefill: it takes a raw query string, gives nested parameters. It
follows Rack's rules and shares nothing with `ds_bridge.prefill`, on purpose: each is a test of the other.

- `a=1` a text; `a` alone, null; a repeated `a` keeps the last. `+` is a space, `%XX` a byte of UTF-8.
- `a[]=1&a[]=2` a list; `a[b]=1` a hash; `a[0][b]=1` a hash too, with the key `0`.
- `a[][b]=1` a list of hashes: a pair goes into the last hash until a key repeats; then it starts a new hash.
Keys that hold a list themselves (`a[][b][]`) never count as repeated: they go into the last hash.
- Only the first `=` of a pair separates: `a==1` is `a` with `=1`.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

Params: TypeAlias = "dict[str, Value]"
Value: TypeAlias = "str | list[Value] | Params | None"

DEPTH_LIMIT = 32
PAIRS_LIMIT = 4096
BYTES_LIMIT = 4 * 1024 * 1024

_SEPARATOR = re.compile(rb"& *")
_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_BRACKETS = re.compile(r"[\[\]]+")


class RackError(ValueError):
    """A query string the server refuses whole, with HTTP 400."""


class ParameterTypeError(RackError):
    """One name used as a text and as a list or a hash."""


class InvalidParameterError(RackError):
    """A `%` without two hexadecimal digits after it, or bytes that are not UTF-8."""


class TooDeepError(RackError):
    """More nesting than DEPTH_LIMIT."""


class QueryLimitError(RackError):
    """More bytes or pairs than the server takes."""


def parse_nested_query(query: bytes | str) -> Params:
    """Nested parameters of a raw query string (the part after `?`). Raises RackError."""
    raw = query.encode("utf-8", "surrogateescape") if isinstance(query, str) else query
    if len(raw) > BYTES_LIMIT:
        raise QueryLimitError(f"the query string is longer than {BYTES_LIMIT} bytes")
    pairs = _SEPARATOR.split(raw)
    if len(pairs) > PAIRS_LIMIT:
        raise QueryLimitError(f"the query string holds more than {PAIRS_LIMIT} pairs")
    params: Params = {}
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        _store(params, _decode(name), _decode(value) if equals else None, 0)
    return params


def _decode(raw: bytes) -> str:
    if _BROKEN_PERCENT.search(raw):
        raise InvalidParameterError("a % is not followed by two hexadecimal digits")
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidParameterError("the query string is not UTF-8") from None


def _store(params: Params, name: str, value: str | None, depth: int) -> Value:
    """Put `value` under `name` in `params`; give `params`, or a list when `name` is a bare `[]`."""
    if depth >= DEPTH_LIMIT:
        raise TooDeepError(f"a name is nested more than {DEPTH_LIMIT} deep")
    key, rest = _split_name(name, depth)
    if not key:
        return None
    if not rest:
        if key == "[]" and depth:
            return [value]
        params[key] = value
    elif rest == "[":  # the bracket is never closed: the whole text is the name
        params[name] = value
    elif rest == "[]":
        _list_at(params, key).append(value)
    elif rest.startswith("[]"):
        _store_in_rows(_list_at(params, key), _name_in_row(rest), value, depth)
    else:
        params[key] = _store(_hash_at(params, key), rest, value, depth + 1)
    return params


def _split_name(name: str, depth: int) -> tuple[str, str]:
    """The key at the beginning of a name, and the brackets after it."""
    if depth == 0:
        start = name.find("[", 1)
        return (name, "") if start < 0 else (name[:start], name[start:])
    if name.startswith("[]"):
        return "[]", name[2:]
    if name.startswith("[") and (end := name.find("]", 1)) > 0:
        return name[1:end], name[end + 1 :]
    return name, ""


def _store_in_rows(rows: list[Value], name: str, value: str | None, depth: int) -> None:
    last = rows[-1] if rows else None
    if isinstance(last, dict) and not _holds(last, name):
        _store(last, name, value, depth + 1)
    else:
        rows.append(_store({}, name, value, depth + 1))


def _name_in_row(rest: str) -> str:
    """`[][b]` → `b`; for deeper names, everything after the `[]`."""
    inner = rest[3:-1]
    simple = rest[2:3] == "[" and rest.endswith("]") and inner and not _BRACKETS.search(inner)
    return inner if simple else rest[2:]


def _holds(row: Params, name: str) -> bool:
    if "[]" in name:
        return False
    place: Value = row
    for part in filter(None, _BRACKETS.split(name)):
        if not isinstance(place, dict) or part not in place:
            return False
        place = place[part]
    return True


def _list_at(params: Params, key: str) -> list[Value]:
    if params.get(key) is None:
        params[key] = []
    found = params[key]
    if not isinstance(found, list):
        raise ParameterTypeError("one name is used both for a list and for something else")
    return found


def _hash_at(params: Params, key: str) -> Params:
    if params.get(key) is None:
        params[key] = {}
    found = params[key]
    if not isinstance(found, dict):
        raise ParameterTypeError("one name is used both for a hash and for something else")
    return found
