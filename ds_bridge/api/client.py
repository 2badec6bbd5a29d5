"""Client: the platform's API as Python calls. Takes settings, gives forms, pages and records.

with Client() as client:                     # token and address from the configuration
    for dossier in client.dossiers(82349, updated_since=since):
        print(dossier.number, dossier.state)
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from typing import Self

import gql
from gql.client import SyncClientSession
from pydantic import SecretStr

from ds_bridge.api.answers import read_object
from ds_bridge.api.base import Raw, parse_record
from ds_bridge.api.connection import Connection
from ds_bridge.api.mutations import Mutations
from ds_bridge.api.options import bind_options, hash_query, read_options
from ds_bridge.api.pace import Pace
from ds_bridge.api.pages import Page, Unreadable, is_worth_less, read_page, walk_pages
from ds_bridge.api.queries import load
from ds_bridge.api.records import DeletedDossier, Dossier, DossierDate, read_dossier
from ds_bridge.api.retry import Retry
from ds_bridge.api.routes import EVERY_DOSSIER, Route
from ds_bridge.api.situations import Desk, Situation, read_desk
from ds_bridge.api.transport import PlatformTransport
from ds_bridge.config import ApiSettings, load_settings
from ds_bridge.errors import (
    BadDataError,
    DsBridgeError,
    GarbledAnswerError,
    NotFoundError,
    RateLimitedError,
    RetriableError,
    TooLargeQueryError,
)
from ds_bridge.form import Form

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Client:
    """One token on one instance. Use from any thread; share a `Pace` between clients of the same token.

    `token` and `url` win over `settings`, which default to the configuration found as the command finds it.
    `on_request` is called with (operation, seconds) after each exchange, failed ones included, in the thread
    that made it. `include` asks for more of each dossier than its champs (`api.options`): messages,
    annotations…
    """

    def __init__(
        self,
        settings: ApiSettings | None = None,
        *,
        token: str | None = None,
        url: str | None = None,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
        on_request: Callable[[str, float], None] | None = None,
        include: Iterable[str] = (),
    ) -> None:
        settings = settings or (ApiSettings() if token else load_settings().api)
        given = {"token": SecretStr(token) if token else None, "url": url}
        settings = ApiSettings.model_validate(
            settings.model_dump() | {key: value for key, value in given.items() if value}
        )
        self._page_size, self._timeout = settings.page_size, settings.timeout_seconds
        self._pace = pace or Pace(settings.requests_per_minute, sleep=sleep)
        self._retry = Retry(settings.attempts, sleep=sleep)
        self._on_request = on_request
        self._transport = PlatformTransport(
            settings.url,
            settings.read_token(),
            timeout_seconds=settings.timeout_seconds,
        )
        self._session = SyncClientSession(gql.Client(transport=self._transport))
        self.options = read_options(include)
        self.requests = 0
        self._counting = threading.Lock()

    def __repr__(self) -> str:
        return f"<Client {self._transport!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. One on which a thread still waits is closed when its answer has come."""
        self._transport.close()

    @property
    def query_hash(self) -> str:
        """A hash of the query and of the options: with another hash, a walk of dossiers is another walk."""
        return hash_query(self.options)

    @property
    def page_size(self) -> int:
        """How many dossiers a walk asks for at a time. The platform may give fewer."""
        return self._page_size

    def now(self) -> dt.datetime:
        """The time by the platform's clock, as its last answer gave it; before the first answer, by ours."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._transport.clock_offset)

    def form_document(self, demarche: int) -> Raw:
        """The démarche as the API describes it: number, title, `activeRevision`, `revisions`."""
        return read_object(self._put(load("demarche_form").bind({"number": demarche})), "demarche")

    def start_address(self, demarche: int) -> str | None:
        """Where a person begins a dossier: `…/commencer/<path>`. None where the instance does not say it."""
        answer = self._put(load("demarche_address").bind({"number": demarche}))
        address = read_object(answer, "demarcheDescriptor").get("demarcheURL")
        return address if isinstance(address, str) else None

    def form(self, demarche: int) -> Form:
        """The form of the active revision."""
        document = self.form_document(demarche)
        return Form.from_revision(document["number"], document["title"], document["activeRevision"])

    def dossiers(
        self,
        demarche: int,
        *,
        updated_since: dt.datetime | None = None,
        include: Iterable[str] | None = None,
    ) -> Iterator[Dossier]:
        """Every dossier modified since (all when None), in order of modification, page after page.

        A dossier that is modified during the walk comes twice. `include` replaces the client's own. `unread`
        of a dossier holds the parts that this version cannot read.
        Raises BadDataError at a dossier that the platform cannot give.
        """
        options = self.options if include is None else read_options(include)
        since = updated_since or EPOCH
        for page in self._walk(demarche, since, options, size=self._page_size):
            for node in page.nodes:
                yield read_dossier(node)
            for unreadable in page.unreadable:
                raise BadDataError(f"dossier {unreadable.number} cannot be read: {unreadable.reason}")

    def dossier(self, number: int) -> Dossier:
        """One dossier. Raises NotFoundError, also for one hidden or deleted."""
        return read_dossier(self.raw_dossier(number))

    def raw_dossier(self, number: int, *, attempts: int | None = None) -> Raw:
        """One dossier as it came over the wire."""
        try:
            return read_object(self._ask_dossier(number, self.options, attempts), "dossier")
        except TooLargeQueryError as error:
            raise _advise(error, self.options) from None

    def groupes(self, demarche: int) -> list[int]:
        """The numbers of the démarche's groupes instructeurs, the closed ones too."""
        found = read_object(self._put(load("demarche_groupes").bind({"number": demarche})), "demarche")
        try:
            return [int(groupe["number"]) for groupe in found["groupeInstructeurs"]]
        except (KeyError, TypeError, ValueError):
            raise GarbledAnswerError("the answer has no groupes instructeurs") from None

    def walk_dossiers(
        self,
        demarche: int,
        *,
        since: dt.datetime,
        after: str | None = None,
        page_size: int | None = None,
        route: Route = EVERY_DOSSIER,
    ) -> Generator[Page]:
        """Pages of the dossiers modified since `since`. `after` is a cursor of the same walk.

        A dossier that cannot be read even alone is in `unreadable` of its page, and the walk goes on.
        """
        return self._walk(
            demarche,
            since,
            self.options,
            after=after,
            size=page_size or self._page_size,
            route=route,
        )

    def _walk(
        self,
        demarche: int,
        since: dt.datetime,
        options: tuple[str, ...],
        *,
        size: int,
        after: str | None = None,
        route: Route = EVERY_DOSSIER,
    ) -> Generator[Page]:
        dates = {"updatedSince": since.isoformat()}
        light = Connection(self._put, "dossier_numbers_page", "dossiers", demarche, dates, route)
        ask = replace(light, query="dossiers_page", variables={**dates, **bind_options(options)})

        def rescue(cursor: str | None, error: DsBridgeError) -> Page:
            page = read_page(light(1, cursor), cursor)
            if not page.nodes:
                return Page((), page.cursor, page.has_next)
            number = parse_record(DossierDate, page.nodes[0]).number
            try:
                node = read_object(self._ask_dossier(number, options, 1), "dossier")
            except NotFoundError:
                return Page((), page.cursor, page.has_next)
            except DsBridgeError as again:
                if not is_worth_less(again):
                    raise
                reason = f"{type(error).__name__}: {again}"
                return Page((), page.cursor, page.has_next, (Unreadable(number, reason),))
            return Page((node,), page.cursor, page.has_next)

        def name(first: int, cursor: str | None) -> list[int]:
            page = read_page(light(first, cursor), cursor)
            return [parse_record(DossierDate, node).number for node in page.nodes]

        try:
            yield from walk_pages(ask, size=size, after=after, rescue=rescue, name=name)
        except TooLargeQueryError as error:
            raise _advise(error, options) from None

    def walk_numbers(self, demarche: int, *, since: dt.datetime = EPOCH) -> Iterator[Page]:
        """The light walk: number, modification date and revision of every dossier."""
        variables = {"updatedSince": since.isoformat()}
        ask = Connection(self._put, "dossier_numbers_page", "dossiers", demarche, variables)
        return walk_pages(ask, size=100)

    def walk_deleted(
        self, demarche: int, *, since: dt.datetime | None, pending: bool, page_size: int | None = None
    ) -> Iterator[Page]:
        """Pages of deletions since `since`. `pending`: those that may still be restored."""
        query, field = (
            ("pending_deleted_dossiers_page", "pendingDeletedDossiers")
            if pending
            else ("deleted_dossiers_page", "deletedDossiers")
        )
        variables = {"deletedSince": since.isoformat() if since else None}
        ask = Connection(self._put, query, field, demarche, variables)
        return walk_pages(ask, size=page_size or self._page_size)

    def deleted_dossiers(
        self, demarche: int, *, since: dt.datetime | None = None, pending: bool = False
    ) -> Iterator[DeletedDossier]:
        """Every deletion since `since` (all when None). `pending`: hidden dossiers that may be restored."""
        for page in self.walk_deleted(demarche, since=since, pending=pending):
            for node in page.nodes:
                yield parse_record(DeletedDossier, node)

    @property
    def mutations(self) -> Mutations:
        """The mutations: they change dossiers."""
        return Mutations(self._send_named, self._retry.run, self._timeout)

    def desk(self, demarche: int) -> Desk:
        """Labels, groupes and annotations of a démarche."""
        data = self._put(load("demarche_desk").bind({"number": demarche}))
        return read_desk(read_object(data, "demarche"))

    def situation(
        self, demarche: int, number: int, *, messages: bool = True, annotations: bool = True
    ) -> Situation:
        """Where a dossier stands. Raises NotFoundError, also for a dossier of another démarche."""
        variables = {"number": number, "withMessages": messages, "withAnnotations": annotations}
        node = read_object(self._put(load("situation").bind(variables)), "dossier")
        if (node.get("demarche") or {}).get("number") != demarche:
            raise NotFoundError(f"dossier {number} is not of démarche {demarche}")
        return parse_record(Situation, node)

    def situations(
        self, demarche: int, *, since: dt.datetime, messages: bool = True, annotations: bool = True
    ) -> Iterator[Situation]:
        """The situation of every dossier modified since, by pages. One modified meanwhile comes twice."""
        variables = {
            "updatedSince": since.isoformat(),
            "withMessages": messages,
            "withAnnotations": annotations,
        }
        ask = Connection(self._put, "situations_page", "dossiers", demarche, variables)
        for page in walk_pages(ask, size=self._page_size):
            for node in page.nodes:
                yield parse_record(Situation, node)

    def _send_named(self, name: str, variables: Raw) -> Raw:
        """The query of this name, sent once."""
        return self._send(load(name).bind(variables))

    def _ask_dossier(self, number: int, options: tuple[str, ...], attempts: int | None) -> Raw:
        return self._put(load("dossier").bind({"number": number, **bind_options(options)}), attempts=attempts)

    def _put(
        self,
        request: gql.GraphQLRequest,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Raw:
        return self._retry.run(lambda: self._send(request), attempts=attempts, hopeless=hopeless)

    def _send(self, request: gql.GraphQLRequest) -> Raw:
        """Send once, when the pace lets us."""
        self._pace.wait()
        with self._counting:
            self.requests += 1
        started = time.monotonic()
        try:
            return self._session.execute(request)
        except RateLimitedError as error:
            # All threads share the pace: none of them may ask before that time.
            self._pace.close_for(error.wait_seconds)
            raise
        finally:
            if self._on_request:
                self._on_request(request.operation_name or "", time.monotonic() - started)


def _advise(error: TooLargeQueryError, options: tuple[str, ...]) -> TooLargeQueryError:
    """The same error, with advice on what to leave out."""
    drop = f"take some of these out of with: {', '.join(options)}" if options else "report it"
    return TooLargeQueryError(f"{error}, even for one dossier: {drop}")
