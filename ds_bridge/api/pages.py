"""Pages: a connection walked from a cursor to its end. Takes a function that asks, gives `Page`s.

Guards make a silent loss impossible. These are errors: a page without page info; a next page is promised and
the cursor is null or does not move; a hole in the nodes; nothing behind a cursor. When a page fails, a
smaller one is asked for. When a dossier fails alone, `rescue` names it, or says that the platform is down.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from pydantic import ValidationError

from ds_bridge.api.base import Raw
from ds_bridge.api.page_size import PageSize
from ds_bridge.api.records import PageInfo
from ds_bridge.errors import (
    BadDataError,
    DsBridgeError,
    GarbledAnswerError,
    NetworkError,
    PagingError,
    PlatformUnavailableError,
    QueryTimeoutError,
    RetriableError,
    ServerFaultError,
    TooLargeQueryError,
)

TRIES_OF_A_TRIAL = 1
TRIES_FOR_ONE = 3
MOST_UNREADABLE_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A dossier that the platform lists and cannot give."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Hole:
    """Takes the place of a node that the platform could not give, and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some nodes in order, as they came, and the cursor to go on from. It is None only on the last page."""

    nodes: tuple[Raw, ...]
    cursor: str | None
    has_next: bool
    unreadable: tuple[Unreadable, ...] = ()


class Ask(Protocol):
    """Asks for one page of a connection; `attempts` None means as many as configured."""

    def __call__(
        self,
        first: int,
        after: str | None,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Any: ...


Rescue: TypeAlias = Callable[[str | None, DsBridgeError], Page]
Name: TypeAlias = Callable[[int, str | None], list[int]]
"""The numbers of the same page, from a lighter query: it names dossiers that the full query cannot give."""


def is_worth_less(error: DsBridgeError) -> bool:
    """Whether asking for fewer dossiers may help: the platform answered, and failed on what we asked."""
    if isinstance(error, NetworkError):
        return error.connected
    return isinstance(error, QueryTimeoutError | ServerFaultError | BadDataError | GarbledAnswerError)


def walk_pages(
    ask: Ask,
    *,
    size: int,
    after: str | None = None,
    rescue: Rescue | None = None,
    name: Name | None = None,
) -> Generator[Page]:
    """Yield every page from `after` to the end. `name` finds the numbers of the dossiers behind holes.

    Raises PagingError when the walk cannot advance, the platform's error when a smaller page does not help,
    and PlatformUnavailableError when too many dossiers in a row cannot be read.
    """
    walk = _Walk(ask, PageSize(size), after, rescue, name)
    while walk.has_next:
        # No variable holds the page here: the caller may drop it long before it wants the next one.
        yield walk.take()


@dataclass(slots=True)
class _Walk:
    ask: Ask
    sizes: PageSize
    after: str | None
    rescue: Rescue | None
    name: Name | None
    failures_in_a_row: int = 0
    has_next: bool = True

    def take(self) -> Page:
        page = self._ask_shrinking()
        if isinstance(page, Page):
            self.failures_in_a_row = 0
        else:
            page = self._step_over(page)
        _check_place(page, self.after)
        self.after, self.has_next = page.cursor, page.has_next
        return page

    def _ask_shrinking(self) -> Page | DsBridgeError:
        """A page of at most the current size, or the error of one dossier asked for alone."""
        while True:
            try:
                connection = _ask_sized(self.ask, self.sizes, self.after)
                page = read_page(self._fill_holes(connection), self.after)
            except DsBridgeError as error:
                is_too_large = isinstance(error, TooLargeQueryError)
                if not (is_too_large or is_worth_less(error)):
                    raise
                if self.sizes.current == 1:
                    if is_too_large:
                        raise  # the query is wrong, whichever the dossier
                    return error
                self.sizes.fail()
            else:
                self.sizes.succeed()
                return page

    def _fill_holes(self, connection: Any) -> Any:
        """The connection with an `Unreadable` in place of each hole, which has the dossier's number.

        Raises BadDataError when the numbers cannot be told: a dossier moved between the two answers.
        """
        nodes = connection.get("nodes") if isinstance(connection, dict) else None
        if not isinstance(nodes, list) or not any(isinstance(node, Hole) for node in nodes):
            return connection
        reasons = [node.reason for node in nodes if isinstance(node, Hole)]
        given = {node.get("number") for node in nodes if isinstance(node, dict)}
        numbers = self.name(self.sizes.current, self.after) if self.name else []
        missing = [number for number in numbers if number not in given]
        if len(missing) != len(reasons):
            raise BadDataError(f"a page came with nodes that are null: {reasons[0]}")
        named = iter(map(Unreadable, missing, reasons))
        return {**connection, "nodes": [next(named) if isinstance(node, Hole) else node for node in nodes]}

    def _step_over(self, error: DsBridgeError) -> Page:
        if self.rescue is None:
            raise error
        self.failures_in_a_row += 1
        if self.failures_in_a_row > MOST_UNREADABLE_IN_A_ROW:
            count = self.failures_in_a_row
            raise PlatformUnavailableError(
                f"{count} dossiers in a row cannot be read: the platform is failing ({error})"
            )
        page = self.rescue(self.after, error)
        self.sizes.clear()
        return page


def read_page(connection: Any, after: str | None) -> Page:
    """Check one connection and make it a Page. Raises PagingError, BadDataError, or GarbledAnswerError."""
    if not isinstance(connection, dict):
        raise PagingError("a page came without its list")
    try:
        info = PageInfo.model_validate(connection.get("pageInfo"))
    except ValidationError:
        raise PagingError("a page came without its page info") from None
    nodes = connection.get("nodes")
    if not isinstance(nodes, list):
        raise PagingError("a page came without its nodes")
    if info.has_next_page and info.end_cursor is None:
        raise PagingError("a page promises a next one and gives no cursor")
    if info.has_next_page and info.end_cursor == after:
        raise PagingError("a page promises a next one and its cursor does not move")
    if not all(isinstance(node, dict | Unreadable) for node in nodes):
        raise BadDataError("a page came with a hole among its nodes")
    return Page(
        tuple(node for node in nodes if isinstance(node, dict)),
        info.end_cursor,
        info.has_next_page,
        tuple(node for node in nodes if isinstance(node, Unreadable)),
    )


def _check_place(page: Page, after: str | None) -> None:
    """Refuse an empty end: the platform answers so to a cursor that it does not understand any more.

    A cursor stands behind a dossier that had a next one, so the end of a walk is never empty. When that next
    dossier has just gone, this refuses a right end, and asking again costs little.
    """
    if after is not None and not page.has_next and not page.nodes and not page.unreadable:
        raise PagingError(
            "the platform promised a page behind a cursor and gave an empty one: its place is lost"
        )


def _ask_sized(ask: Ask, sizes: PageSize, after: str | None) -> Any:
    if sizes.current == 1:
        return ask(1, after, attempts=TRIES_FOR_ONE)
    attempts = TRIES_OF_A_TRIAL if sizes.is_trial else None
    return ask(sizes.current, after, attempts=attempts, hopeless=(QueryTimeoutError,))
