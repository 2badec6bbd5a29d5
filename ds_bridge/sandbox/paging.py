"""Pages of a connection: takes an order, bounds and arguments; gives keys, cursors and page info.

A cursor is base64 of `timestamp;id`; the timestamp has nanoseconds. Some rules of the platform are
surprising: pages above 100 are silently cut; a cursor that decodes to nonsense gives an empty page; a
negative or zero `first` gives no node but says that there is a next page; `before` always has a next page; an
empty page has no cursors.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, TypeAlias

from ds_bridge.sandbox.ordering import DateOrder, Key
from ds_bridge.sandbox.request import PlatformCrash

PAGE_LIMIT = 100
Moment: TypeAlias = dt.datetime | None
_TIMESTAMP = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9]{2}:[0-9]{2}:[0-9]{2})?(?:\.([0-9]{1,9}))?Z?$")


class BadArgumentError(Exception):
    """An argument that the platform refuses. `code` is `bad_request` or None."""

    def __init__(self, message: str, code: str | None = "bad_request") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PageArguments:
    """What a query may ask of a connection."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    descending: bool = False

    @classmethod
    def read(cls, arguments: dict[str, Any]) -> PageArguments:
        """Read GraphQL arguments. Raises BadArgumentError for what the platform refuses."""
        first, last = _clamp(arguments.get("first")), _clamp(arguments.get("last"))
        after, before = arguments.get("after") or None, arguments.get("before") or None
        if first is not None and last is not None:
            raise BadArgumentError('Arguments "first" and "last" are exclusive')
        if after and before:
            raise BadArgumentError('Arguments "before" and "after" are exclusive')
        descending = arguments.get("order") == "DESC"
        if descending and last is not None:
            raise BadArgumentError('Argument "last" is not supported with order "desc"')
        return cls(first, last, after, before, descending)

    @property
    def size(self) -> int:
        """The most nodes that the page may have."""
        return next((size for size in (self.first, self.last) if size is not None), PAGE_LIMIT)


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of a page, in the order in which they are shown."""

    keys: tuple[Key, ...]
    has_previous: bool
    has_next: bool

    @property
    def start_cursor(self) -> str | None:
        return write_cursor(self.keys[0]) if self.keys else None

    @property
    def end_cursor(self) -> str | None:
        return write_cursor(self.keys[-1]) if self.keys else None


def take_page(
    order: DateOrder,
    arguments: PageArguments,
    since: dt.datetime | None = None,
    accepts: Callable[[int], bool] = lambda _: True,
) -> Page:
    """One page of `order`, from `since` on (inclusive), with the numbers that `accepts` accepts.

    The deprecated descending order is exactly the platform's: its nodes are never turned around.
    """
    size = arguments.size + 1
    after, before = arguments.after, arguments.before
    inverted = arguments.descending or arguments.last is not None or before is not None
    below, above = (after, before) if arguments.descending else (before, after)
    walk = _walk_down if inverted else _walk_up
    found = list(islice((key for key in walk(order, since, below, above) if accepts(key[1])), size))
    overflows = len(found) == size
    keys = found[: arguments.size]
    if arguments.descending:
        return Page(tuple(keys), has_previous=after is not None, has_next=before is not None or overflows)
    if inverted:
        keys.reverse()
    return Page(
        tuple(keys),
        has_previous=after is not None or (overflows and inverted),
        has_next=before is not None or (overflows and not inverted),
    )


def _walk_up(order: DateOrder, since: Moment, below: str | None, above: str | None) -> Iterator[Key]:
    """Ascending, after the cursor `above`. An ascending walk never has `below`, because `below` inverts the
    order."""
    del below
    if above is None:
        return order.forward(since)
    place = read_cursor(above)
    return iter(()) if place is None else order.forward(since, place)


def _walk_down(order: DateOrder, since: Moment, below: str | None, above: str | None) -> Iterator[Key]:
    """Descending, before the cursor `below`, or else down to the cursor `above`."""
    cursor = below or above
    if cursor is None:
        return order.backward(since)
    place = read_cursor(cursor)
    if place is None:
        return iter(())
    if below is not None:
        return order.backward(since, place)
    return takewhile(lambda key: key > place, order.backward(since))


def write_cursor(key: Key) -> str:
    """The cursor right after the key `(moment, id)`."""
    moment, number = key
    stamp = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    return base64.urlsafe_b64encode(f"{stamp};{number}".encode()).decode("ascii").rstrip("=")


def read_cursor(cursor: str) -> Key | None:
    """The place of a cursor; None when it decodes to nonsense.

    Raises BadArgumentError when it is not base64, PlatformCrash when it has digits and no date.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8", "replace")
    except ValueError as error:
        raise BadArgumentError(f"Invalid input: {cursor!r}", None) from error
    stamp, _, number = decoded.partition(";")
    match = _TIMESTAMP.match(stamp)
    if match is None:
        if re.search(r"[0-9]", stamp):
            raise PlatformCrash
        return None
    try:
        moment = dt.datetime.fromisoformat(f"{match[1]}{match[2] or 'T00:00:00'}+00:00")
    except ValueError:
        raise PlatformCrash from None
    fraction = (match[3] or "").ljust(9, "0")
    digits = re.match(r"\d+", number)
    return moment.replace(microsecond=int(fraction[:6])), int(digits[0]) if digits else 0


def _clamp(size: Any) -> int | None:
    return None if size is None else max(0, min(int(size), PAGE_LIMIT))
