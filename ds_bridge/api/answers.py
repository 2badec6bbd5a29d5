"""Answers: an HTTP status, headers and a body in; GraphQL `data`, or a typed error, out.

The table of the platform's errors lives here and nowhere else. Any root error is fatal for its answer, even
beside `data`. One kind, `invalid_null`, names its nodes: its error carries the data around them.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from ds_bridge.api.body import decode
from ds_bridge.errors import (
    BadDataError,
    BadRequestError,
    ConfigurationError,
    DsBridgeError,
    GarbledAnswerError,
    NotFoundError,
    OutOfScopeError,
    QueryTimeoutError,
    RateLimitedError,
    ServerFaultError,
    TokenExpiredError,
    TokenRefusedError,
    TooLargeQueryError,
)

TOO_MANY_REQUESTS = 429
DEFAULT_RATE_WAIT_SECONDS = 60.0
_MESSAGE_LENGTH = 200
_MOST_DIGITS = 12
# Request Timeout and Too Early: a proxy answers so because of the moment, not because of the request.
_PASSING = frozenset({408, 425})
# The platform refuses these queries before it asks its database, and gives them no code.
_TOO_LARGE = re.compile(r"exceeds max (?:complexity|depth)|too large to execute")


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes | bytearray, what: str
) -> dict[str, Any]:
    """The `data` of a GraphQL answer. `what` names the operation in errors.

    Raises the class of `ds_bridge.errors` that stands for the platform's error.
    """
    if status == TOO_MANY_REQUESTS:
        wait = read_rate_wait(headers)
        raise RateLimitedError(f"{what}: too many requests (HTTP 429)", wait_seconds=wait)
    if 300 <= status < 400:
        _raise_redirect(headers, what)
    document = _decode(body)
    if document is None:
        _raise_without_document(status, body, what)
    errors = document.get("errors")
    if errors:
        raise translate_errors(status, errors, what, document.get("data"))
    if status >= 400:
        _raise_without_document(status, body, what)
    data = document.get("data")
    if not isinstance(data, dict):
        raise GarbledAnswerError(f"{what}: the answer has neither data nor errors")
    return data


def read_rate_wait(headers: Mapping[str, str]) -> float:
    """Seconds that a 429 asks us to wait. A time of day is compared with the platform's own clock (`Date`).

    `RateLimit-Reset` holds epoch seconds; `Retry-After` seconds or an HTTP date.
    """
    now = read_http_date(headers.get("Date")) or time.time()
    reset = _read_seconds(headers.get("RateLimit-Reset", ""))
    if reset is not None:
        # Date has whole seconds: one more makes sure the window is over.
        return max(reset - now, 0.0) + 1.0
    after = headers.get("Retry-After", "")
    seconds = _read_seconds(after)
    if seconds is not None:
        return seconds
    moment = read_http_date(after)
    return DEFAULT_RATE_WAIT_SECONDS if moment is None else max(moment - now, 0.0) + 1.0


def _read_seconds(text: str) -> float | None:
    """Whole seconds; None for any other text, and for a number too large for a clock."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return float(text) if is_number else None


def translate_errors(status: int, errors: Any, what: str, data: Any = None) -> DsBridgeError:
    """The typed error for a list of GraphQL root errors. Of several timeouts only the first carries the code.

    `data` is the answer's data beside these errors.
    """
    known = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    extensions = [found if isinstance(found := error.get("extensions"), dict) else {} for error in known]
    codes = [_shorten(str(each.get("code") or "")) for each in extensions]
    code = "timeout" if "timeout" in codes else next((code for code in codes if code), "")
    index = codes.index(code) if code in codes else 0
    message = _shorten(str(known[index].get("message") or "")) if known else ""
    text = f"{what}: {message or 'no message'} ({code or 'no code'})"
    if code == "timeout":
        return QueryTimeoutError(f"{what}: the platform ran out of time (timeout)")
    if code == "internal_server_error" or (not code and status >= 500):
        found = extensions[index].get("exception_id") if known else None
        exception_id = _shorten(str(found)) if found else None
        quoted = f"; quote exception_id {exception_id} to the platform's support" if exception_id else ""
        return ServerFaultError(f"{what}: the platform failed{quoted}", exception_id=exception_id)
    if code in ("unauthorized", "forbidden", "deprecated_token"):
        return _refuse_access(status, code, message, what)
    if code == "not_found":
        return NotFoundError(f"{text}: check the number, and that the token may see it")
    if code == "invalid_null":
        return _name_nulls(text, known, codes, data)
    if not code and _TOO_LARGE.search(message):
        return TooLargeQueryError(f"{what}: {message}")
    return BadRequestError(text)


def _refuse_access(status: int, code: str, message: str, what: str) -> DsBridgeError:
    if code == "unauthorized":
        if status == 401:
            return TokenExpiredError(f"{what}: the token has expired: create another (365 days at most)")
        return OutOfScopeError(
            f"{what}: {message} ({code}): the token does not cover it: widen the token's démarches"
        )
    # The platform also says "Without a token…" when it does not know the token.
    said = "" if message.startswith("Without a token") else f": {message}"
    return TokenRefusedError(f"{what}{said} ({code}): {_advise(message)}")


def _name_nulls(text: str, known: list[dict[str, Any]], codes: list[str], data: Any) -> BadDataError:
    """The error. It has the data and the paths of the nulls when every error names its node."""
    paths = [error.get("path") for error in known]
    if (
        not isinstance(data, dict)
        or set(codes) != {"invalid_null"}
        or not all(isinstance(path, list) for path in paths)
    ):
        return BadDataError(text)
    named = [
        (tuple(path), _shorten(str(error.get("message") or "")))
        for path, error in zip(paths, known, strict=True)
        if isinstance(path, list)
    ]
    return BadDataError(text, data=data, paths=named)


def _advise(message: str) -> str:
    """What to do about a refused token. The platform's own message names the address that it saw."""
    if "network" in message.lower():
        return (
            "the token works from another address only, that of its first call: its owner adds this one"
            " to the token's networks on the platform's profile page, or the command runs on that machine"
        )
    return (
        "the platform does not know this token: was it cut or revoked, or is it for another instance?"
        " Create another"
    )


def read_object(data: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The object that `data` holds under `field`. It is null only beside errors, and those were raised."""
    found = data.get(field)
    if not isinstance(found, dict):
        raise GarbledAnswerError(f"the answer has no {field}")
    return found


def _decode(body: bytes | bytearray) -> dict[str, Any] | None:
    try:
        document = decode(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _raise_redirect(headers: Mapping[str, str], what: str) -> NoReturn:
    target = headers.get("Location", "elsewhere")
    raise ConfigurationError(f"{what}: the platform has moved to {_shorten(target)}: change api.url")


def _raise_without_document(status: int, body: bytes | bytearray, what: str) -> NoReturn:
    if status >= 500 or status in _PASSING:
        raise ServerFaultError(f"{what}: the platform failed (HTTP {status})")
    if status in (401, 403):
        raise TokenRefusedError(f"{what}: refused before the platform's API (HTTP {status})")
    if status == 404:
        raise ConfigurationError(f"{what}: no GraphQL API at this address (HTTP 404): check api.url")
    if status >= 400:
        raise BadRequestError(f"{what}: refused (HTTP {status})")
    looks = "HTML" if body.lstrip()[:1] == b"<" else "cut or invalid JSON"
    raise GarbledAnswerError(f"{what}: the answer is no GraphQL ({looks}, {len(body)} bytes)")


def read_http_date(text: str | None) -> float | None:
    """Epoch seconds of an HTTP date; None without a text, or when the text is no date."""
    if not text:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):  # no date; a year, an hour or an offset that no calendar has
        return None


def _shorten(text: str) -> str:
    """The text on one line, cut to the length of a message. A mark replaces each control character."""
    flat = "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
    return flat if len(flat) <= _MESSAGE_LENGTH else flat[:_MESSAGE_LENGTH] + "…"
