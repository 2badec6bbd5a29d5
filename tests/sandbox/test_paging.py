"""Paging: cursors, orders and page info, with the platform's odd corners."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.sandbox.ordering import DateOrder, Key
from ds_bridge.sandbox.paging import (
    PAGE_LIMIT,
    BadArgumentError,
    Page,
    PageArguments,
    read_cursor,
    take_page,
    write_cursor,
)
from ds_bridge.sandbox.request import PlatformCrash

START = dt.datetime(2024, 5, 30, 8, 15, tzinfo=dt.UTC)


def key(number: int) -> Key:
    return (START + dt.timedelta(seconds=number), number)


def make_order(count: int) -> DateOrder:
    order = DateOrder()
    order.add_many(key(number) for number in range(1, count + 1))
    return order


def page(count: int, **arguments: object) -> Page:
    return take_page(make_order(count), PageArguments.read(arguments))


def shown(found: Page) -> tuple[list[int], bool, bool]:
    return [number for _, number in found.keys], found.has_previous, found.has_next


CURSOR = {number: write_cursor(key(number)) for number in range(1, 7)}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"first": 2}, ([1, 2], False, True)),
        ({"first": 2, "after": CURSOR[2]}, ([3, 4], True, True)),
        ({"first": 2, "after": CURSOR[4]}, ([5, 6], True, False)),
        ({"first": 6}, ([1, 2, 3, 4, 5, 6], False, False)),
        ({"first": 2, "after": CURSOR[6]}, ([], True, False)),
        ({"last": 2}, ([5, 6], True, False)),
        ({"last": 2, "before": CURSOR[5]}, ([3, 4], True, True)),
        ({"last": 2, "before": CURSOR[2]}, ([1], False, True)),
        ({"first": 2, "before": CURSOR[3]}, ([1, 2], False, True)),
        ({"last": 2, "after": CURSOR[4]}, ([5, 6], True, False)),
        ({"last": 2, "after": CURSOR[3]}, ([5, 6], True, False)),
        ({"first": 0}, ([], False, True)),
        ({"first": -3}, ([], False, True)),
        ({"first": 2, "order": "DESC"}, ([6, 5], False, True)),
        ({"first": 2, "order": "DESC", "after": CURSOR[5]}, ([4, 3], True, True)),
        ({"first": 9, "order": "DESC", "after": CURSOR[3]}, ([2, 1], True, False)),
        ({}, ([1, 2, 3, 4, 5, 6], False, False)),
    ],
)
def test_pages(arguments: dict[str, object], expected: tuple[list[int], bool, bool]) -> None:
    assert shown(page(6, **arguments)) == expected


def test_an_empty_page_has_no_cursor() -> None:
    assert page(0, first=5).end_cursor is None
    assert page(6, first=0).end_cursor is None
    assert page(6, first=2).end_cursor == CURSOR[2]
    assert page(6, first=2).start_cursor == CURSOR[1]


def test_pages_above_the_limit_are_cut_in_silence() -> None:
    assert len(page(150, first=1000).keys) == PAGE_LIMIT
    assert len(page(150).keys) == PAGE_LIMIT
    assert page(150, last=1000).keys[0] == key(51)


@pytest.mark.parametrize("nonsense", ["garbage", ";", "\x00é"])
def test_a_cursor_that_decodes_to_nonsense_gives_an_empty_page(nonsense: str) -> None:
    cursor = base64.urlsafe_b64encode(nonsense.encode()).decode()
    assert shown(page(6, first=2, after=cursor)) == ([], True, False)


@pytest.mark.parametrize("impossible", ["42", "2024-13-45T00:00:00Z;3", "99;1"])
def test_a_cursor_with_digits_and_no_date_is_a_crash(impossible: str) -> None:
    cursor = base64.urlsafe_b64encode(impossible.encode()).decode()
    with pytest.raises(PlatformCrash):
        page(6, first=2, after=cursor)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 1, "last": 1}, "exclusive"),
        ({"after": CURSOR[1], "before": CURSOR[2]}, "exclusive"),
        ({"last": 1, "order": "DESC"}, "not supported"),
    ],
)
def test_contradictions_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(BadArgumentError, match=message) as refused:
        page(6, **arguments)
    assert refused.value.code == "bad_request"


def test_a_cursor_that_is_not_base64_is_refused_without_a_code() -> None:
    with pytest.raises(BadArgumentError, match="Invalid input") as refused:
        page(6, first=2, after="é!")
    assert refused.value.code is None


def test_a_cursor_is_a_timestamp_with_nanoseconds_and_an_id() -> None:
    moment = dt.datetime(2024, 5, 30, 10, 15, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    decoded = base64.urlsafe_b64decode(write_cursor((moment, 42)) + "==")
    assert decoded == b"2024-05-30T08:15:00.123456000Z;42"


@given(
    st.integers(-(2**40), 2**50),
    st.integers(1, 2**31),
)
def test_a_cursor_is_read_as_it_was_written(microseconds: int, number: int) -> None:
    moment = START + dt.timedelta(microseconds=microseconds)
    assert read_cursor(write_cursor((moment, number))) == (moment, number)


@given(
    seconds=st.lists(st.integers(0, 20), max_size=60),
    size=st.integers(1, 12),
    since=st.integers(0, 20),
)
def test_a_walk_shows_everything_once_in_order(seconds: list[int], size: int, since: int) -> None:
    keys = [(START + dt.timedelta(seconds=second), number) for number, second in enumerate(seconds, 1)]
    order = DateOrder()
    for one in keys:
        order.add(one)
    bound = START + dt.timedelta(seconds=since)
    expected = sorted(one for one in keys if one[0] >= bound)

    seen: list[Key] = []
    after: str | None = None
    while True:
        found = take_page(order, PageArguments(first=size, after=after), bound)
        seen.extend(found.keys)
        if not found.has_next:
            break
        after = found.end_cursor
    assert seen == expected

    seen = []
    before: str | None = None
    while True:
        found = take_page(order, PageArguments(last=size, before=before), bound)
        seen = [*found.keys, *seen]
        if not found.has_previous:
            break
        before = found.start_cursor
    assert seen == expected


def test_a_page_does_not_look_at_the_whole_order() -> None:
    looked: list[int] = []

    def accepts(number: int) -> bool:
        looked.append(number)
        return True

    take_page(make_order(1000), PageArguments(first=10, after=write_cursor(key(500))), None, accepts)
    assert looked == list(range(501, 512))


def test_taking_out_what_is_not_in_is_an_error() -> None:
    order = make_order(3)
    order.remove(key(2))
    assert len(order) == 2
    with pytest.raises(KeyError):
        order.remove(key(2))
