"""The two shapes in which checked values travel: the query string of a link, the JSON body of a draft.

Rack, on the other side, starts a new row of `block[][champ]` only when a key with one value comes again. So
every row sends the same key first, empty if it has no value. When rows hold a list and no key has one value
in all of them, they are numbered: an instance older than July 2026 loses such a block in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Any, cast

from ds_bridge.errors import DraftNeededError, PrefillError
from ds_bridge.prefill.checked import Checked, Row, Sent, find_common, need_numbers

_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~".encode())
_ESCAPES = [chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]


def encode_params(checked: Checked, *, indexed_rows: bool = True) -> str:
    """The query string, which Rack reads back as exactly these values.

    >>> encode_params(Checked(champs={"champ_Q2hhbXAtMTI": ["Lundi", "Mardi, mercredi"]}))
    'champ_Q2hhbXAtMTI%5B%5D=Lundi&champ_Q2hhbXAtMTI%5B%5D=Mardi%2C%20mercredi'

    `indexed_rows` says whether the instance reads numbered rows (`block[0][champ]`, July 2026 and later).
    Raises DraftNeededError when a row holds a list and the instance cannot; PrefillError for bad values.
    """
    if checked.problems:
        raise PrefillError(checked.describe_problems())
    pairs = [f"{key}={_escape(text)}" for key, text in checked.identity.items()]
    for key, value in checked.champs.items():
        if isinstance(value, str):
            pairs.append(f"{key}={_escape(value)}")
        else:
            pairs.extend(f"{name}={_escape(text)}" for name, text in _nest(key, value, indexed_rows))
    return "&".join(pairs)


def draft_body(checked: Checked) -> dict[str, Any]:
    """The JSON body of a draft: the same keys and texts, lists and rows as they are.

    >>> draft_body(Checked({"identite_nom": "Noël"}, {"champ_Q2hhbXAtMTI": "true"}))
    {'identite_nom': 'Noël', 'champ_Q2hhbXAtMTI': 'true'}

    Booleans are text there too: the platform misreads JSON's own. Raises PrefillError for values with
    problems.
    """
    if checked.problems:
        raise PrefillError(checked.describe_problems())
    return {**checked.identity, **checked.champs}


def _escape(text: str) -> str:
    # Numbers and plain words need no escape. Most values are such: the look pays. urllib's quote gives the
    # same for the rest, in twice the time.
    return text if text.isascii() and text.isalnum() else "".join([_ESCAPES[byte] for byte in text.encode()])


def _nest(key: str, value: Sent, indexed_rows: bool) -> Iterator[tuple[str, str]]:
    if not value or isinstance(value[0], str):
        for text in cast("list[str]", value):
            yield f"{key}%5B%5D", text
        return
    rows = cast("list[Row]", value)
    if need_numbers(rows):
        if not indexed_rows:
            raise DraftNeededError(
                f"{key}: a list inside a row cannot travel in a link to this instance "
                "(prefill.indexed_rows is off): use a draft"
            )
        yield from _number_rows(key, rows)
    else:
        yield from _repeat_rows(key, rows)


def _number_rows(key: str, rows: list[Row]) -> Iterator[tuple[str, str]]:
    for position, row in enumerate(rows):
        for inner, value in row.items():
            name = f"{key}%5B{position}%5D%5B{inner}%5D"
            if isinstance(value, str):
                yield name, value
            else:
                yield from ((f"{name}%5B%5D", text) for text in value)


def _repeat_rows(key: str, rows: list[Row]) -> Iterator[tuple[str, str]]:
    # A key that all rows have, so that nothing is added. Without one: any key, empty in rows that lack it.
    first = find_common(rows) or next(inner for row in rows for inner in row)
    for row in rows:
        yield f"{key}%5B%5D%5B{first}%5D", cast("str", row.get(first, ""))
        for inner, value in row.items():
            if inner == first:
                continue
            name = f"{key}%5B%5D%5B{inner}%5D"
            if isinstance(value, str):
                yield name, value
            else:
                yield from ((f"{name}%5B%5D", text) for text in value)
