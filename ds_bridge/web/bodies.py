"""Bodies: reads the bytes of a request into JSON values. Refuses what is too long, too slow or ambiguous.

It is stricter than usual JSON parsers: no key twice, no NaN, no lone surrogates, little nesting. Numbers with
a fraction become Decimal, so that they are sent exactly as they were written.
"""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from fastapi import Request
from starlette.requests import ClientDisconnect

from ds_bridge.web.problems import ProblemError

BODY_SECONDS = 30.0
DEEPEST = 6
"""body > champs > a block > its rows > a champ > a list of choices: nothing is deeper."""

_LONGEST_NUMBER = 400


async def read_json(request: Request, limit: int) -> Any:
    """The body as JSON values.

    Raises ProblemError: 415 when the body is not declared as JSON, 413 above `limit` bytes (the rest is not
    read), 408 when it does not arrive in time, 400 when it is ambiguous or not JSON.
    """
    _check_type(request.headers.get("content-type", ""))
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(request, limit)
    except TimeoutError:
        raise ProblemError(408, f"The body took more than {BODY_SECONDS:g} s.") from None
    except ClientDisconnect:
        raise ProblemError(400, "The connection ended before the body did.") from None
    return parse(body)


def parse(body: bytes) -> Any:
    """Strict JSON. Raises ProblemError."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_refuse_twins,
            parse_constant=_refuse_constant,
            parse_float=_read_fraction,
            parse_int=_read_integer,
        )
    except UnicodeDecodeError:
        _refuse("it is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"it is not JSON, from character {error.pos}")
    except RecursionError:
        _refuse("it is nested too deep")
    _inspect(value, 0)
    return value


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        _refuse_length(limit)
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > limit:
            _refuse_length(limit)
        parts.append(part)
    return b"".join(parts)


def _check_type(content_type: str) -> None:
    kind, _, rest = content_type.partition(";")
    charset = [part.strip().lower() for part in rest.split(";") if part.strip()]
    if kind.strip().lower() != "application/json" or any(
        each not in ("charset=utf-8", 'charset="utf-8"') for each in charset
    ):
        raise ProblemError(415, "Only application/json, in UTF-8, is accepted.")


def _inspect(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if not value.isascii():
            _check_characters(value)
    elif isinstance(value, dict | list):
        if depth >= DEEPEST:
            _refuse("it is nested too deep")
        if isinstance(value, dict):
            for key in value:
                _check_characters(key)
        for each in value.values() if isinstance(value, dict) else value:
            _inspect(each, depth + 1)


def _check_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        _refuse("it holds half a character (a lone surrogate)")


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse("an object holds the same key twice")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    _refuse("NaN and Infinity are not JSON")


def _read_fraction(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        _refuse("it holds a number of too many digits")
    try:
        return Decimal(text)
    except InvalidOperation:  # the exponent has twenty digits
        _refuse("it holds a number of too many digits")


def _read_integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        _refuse("it holds a number of too many digits")
    return int(text)


def _refuse(reason: str) -> NoReturn:
    raise ProblemError(400, f"The body cannot be read: {reason}.")


def _refuse_length(limit: int) -> NoReturn:
    # The rest of the body is not read: the connection cannot be used again.
    raise ProblemError(413, f"A body has {limit} bytes at most.", headers={"Connection": "close"})
