"""The walk, against a list of dossiers some of which break every page that holds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.api.page_size import PageSize
from ds_bridge.api.pages import MOST_UNREADABLE_IN_A_ROW, Hole, Page, Unreadable, read_page, walk_pages
from ds_bridge.errors import (
    BadDataError,
    NetworkError,
    PagingError,
    PlatformUnavailableError,
    QueryTimeoutError,
    ServerFaultError,
    TokenExpiredError,
    TooLargeQueryError,
)


class Platform:
    """Dossiers 0..n-1; a page with a poison one fails, and so does one heavier than `most`."""

    def __init__(self, count, poison=(), most=100):
        self.count, self.poison, self.most = count, set(poison), most
        self.asked = []

    def ask(self, first, after, *, attempts=None, hopeless=()):
        self.asked.append(first)
        start = 0 if after is None else int(after)
        numbers = range(start, min(start + first, self.count))
        if len(numbers) > self.most:
            raise QueryTimeoutError("too heavy")
        if self.poison & set(numbers):
            raise ServerFaultError("boom")
        end = start + len(numbers)
        info = {"hasNextPage": end < self.count, "endCursor": str(end) if numbers else None}
        return {"pageInfo": info, "nodes": [{"number": number} for number in numbers]}

    def rescue(self, after, error):
        number = 0 if after is None else int(after)
        return Page((), str(number + 1), number + 1 < self.count, (Unreadable(number, str(error)),))


def walk(platform, size=100):
    pages = list(walk_pages(platform.ask, size=size, rescue=platform.rescue))
    got = [node["number"] for page in pages for node in page.nodes]
    lost = [unreadable.number for page in pages for unreadable in page.unreadable]
    return got, lost


def test_a_healthy_walk_asks_no_more_than_it_must():
    platform = Platform(1000)
    assert walk(platform) == (list(range(1000)), [])
    assert platform.asked == [100] * 10


@given(
    st.integers(0, 300),
    st.sets(st.integers(0, 299), max_size=8),
    st.integers(1, 100),
    st.integers(1, 100),
)
def test_everything_readable_comes_once_and_the_rest_is_named(count, poison, most, size):
    poison = {number for number in poison if number < count}
    got, lost = walk(Platform(count, poison, most), size)
    assert got == [number for number in range(count) if number not in poison]
    assert lost == sorted(poison)


@pytest.mark.parametrize("poison", [0, 37, 99, 100, 555, 999])
def test_one_poison_among_a_thousand_costs_few_requests(poison):
    platform = Platform(1000, [poison])
    got, lost = walk(platform)
    assert (len(got), lost) == (999, [poison])
    assert len(platform.asked) - 10 <= 25


def test_pages_too_heavy_settle_at_a_size_that_passes():
    platform = Platform(3000, most=60)
    got, lost = walk(platform)
    assert (len(got), lost) == (3000, [])
    too_large = sum(size > 60 for size in platform.asked)
    assert too_large <= 8
    assert len(platform.asked) <= 3000 / 50 + too_large + 2


def test_a_platform_that_fails_on_everything_is_down_not_poisoned():
    platform = Platform(1000, range(1000))
    with pytest.raises(PlatformUnavailableError, match="in a row"):
        walk(platform)
    assert len(platform.asked) < 8 + 2 * MOST_UNREADABLE_IN_A_ROW


def test_nobody_there_is_not_asked_for_less():
    sizes = []

    def ask(first, after, **_):
        sizes.append(first)
        raise NetworkError("refused", connected=False)

    with pytest.raises(NetworkError):
        list(walk_pages(ask, size=100, rescue=pytest.fail))
    assert sizes == [100]


def test_a_refusal_ends_the_walk_at_once():
    def ask(first, after, **_):
        raise TokenExpiredError("expired")

    with pytest.raises(TokenExpiredError):
        list(walk_pages(ask, size=100, rescue=pytest.fail))


def test_without_rescue_the_error_of_one_is_raised():
    platform = Platform(10, [3])
    with pytest.raises(ServerFaultError):
        list(walk_pages(platform.ask, size=5))


INFO = {"hasNextPage": False, "endCursor": None}


@pytest.mark.parametrize(
    ("connection", "error", "message"),
    [
        (None, PagingError, "without its list"),
        ({"nodes": []}, PagingError, "without its page info"),
        ({"pageInfo": {}, "nodes": []}, PagingError, "without its page info"),
        ({"pageInfo": {"hasNextPage": None}, "nodes": []}, PagingError, "without its page info"),
        ({"pageInfo": INFO}, PagingError, "without its nodes"),
        ({"pageInfo": INFO, "nodes": [None]}, BadDataError, "a hole"),
        ({"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": [{}]}, PagingError, "no cursor"),
        ({"pageInfo": {"hasNextPage": True, "endCursor": "c"}, "nodes": [{}]}, PagingError, "does not move"),
    ],
)
def test_a_page_that_cannot_be_followed_is_an_error(connection, error, message):
    with pytest.raises(error, match=message):
        read_page(connection, "c")


def test_the_last_page_may_have_no_cursor():
    assert read_page({"pageInfo": INFO, "nodes": []}, "c") == Page((), None, False)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 100))
def test_the_size_stays_between_one_and_the_largest(outcomes, largest):
    size = PageSize(largest)
    for passed in outcomes:
        if passed:
            size.succeed()
        elif size.current > 1:
            size.fail()
        else:
            size.clear()
        assert 1 <= size.current <= largest


def holed(places, count=10):
    """A page of dossiers 0 to 9, null at some places."""
    nodes = [Hole(f"null at {number}") if number in places else {"number": number} for number in range(count)]
    return {"pageInfo": INFO, "nodes": nodes}


@pytest.mark.parametrize("places", [{0}, {3, 4}, {9}, set(range(10))])
def test_nodes_that_are_null_are_named_and_the_rest_is_kept(places):
    asked = []

    def name(first, after):
        asked.append((first, after))
        return list(range(10))

    [page] = walk_pages(lambda *_, **__: holed(places), size=10, name=name)
    assert [node["number"] for node in page.nodes] == [n for n in range(10) if n not in places]
    assert page.unreadable == tuple(Unreadable(n, f"null at {n}") for n in sorted(places))
    assert asked == [(10, None)]


@pytest.mark.parametrize("listed", [[], [0, 1, 2], list(range(12))])
def test_when_a_dossier_moved_meanwhile_the_page_is_asked_for_smaller(listed):
    """Nobody can tell which is which: it is halved, as before."""
    sizes = []

    def ask(first, after, **_):
        sizes.append(first)
        return holed({3}) if len(sizes) == 1 else holed(set(), first)

    list(walk_pages(ask, size=10, name=lambda *_: listed))
    assert sizes == [10, 5]


def test_a_query_that_is_too_large_is_halved_and_then_no_dossier_is_blamed():
    sizes = []

    def ask(first, after, **_):
        sizes.append(first)
        if first > 20:
            raise TooLargeQueryError("complexity")
        return {"pageInfo": INFO, "nodes": []}

    list(walk_pages(ask, size=100, rescue=pytest.fail))
    assert sizes == [100, 50, 25, 12]

    def never(first, after, **_):
        raise TooLargeQueryError("tokens")

    with pytest.raises(TooLargeQueryError):
        list(walk_pages(never, size=100, rescue=pytest.fail))
