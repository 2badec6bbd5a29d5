"""The lists of a démarche (dossiers, deleted, pending deletions): takes arguments, gives connections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from graphql import GraphQLError

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossier_nodes import NodeWriter, read_revision, write_deleted
from ds_bridge.sandbox.node import LazyNode, Node
from ds_bridge.sandbox.ordering import DateOrder
from ds_bridge.sandbox.paging import BadArgumentError, Page, PageArguments, take_page, write_cursor
from ds_bridge.sandbox.request import GraphQLRequest, PlatformCrash, refuse
from ds_bridge.sandbox.world import World

# This cursor can be decoded, but points to no place: the platform answers an empty page.
STALE_CURSOR = "bm9uc2Vuc2U"
_BY_REVISION = frozenset({"revision", "minRevision", "maxRevision"})


class ListWriter:
    """Makes the connections of one request."""

    def __init__(self, world: World, request: GraphQLRequest, nodes: NodeWriter) -> None:
        self._world = world
        self._request = request
        self._nodes = nodes

    def write_lists(self, demarche: Demarche, groupe: int | None = None) -> Node:
        """The three connections, each made when asked for. Those of a groupe crash when asked for revisions.

        The deletions of a groupe are those of the whole démarche.
        """

        def list_dossiers(_info: Any, **arguments: Any) -> Node:
            if groupe is not None and _BY_REVISION & arguments.keys():
                raise PlatformCrash
            return self._list_dossiers(demarche, arguments, groupe)

        return Node(
            dossiers=list_dossiers,
            deletedDossiers=lambda _info, **arguments: self._list_deleted(demarche, arguments),
            pendingDeletedDossiers=lambda _info, **arguments: self._list_pending(demarche, arguments),
        )

    def _list_dossiers(self, demarche: Demarche, arguments: dict[str, Any], groupe: int | None) -> Node:
        updated_since, created_since = arguments.get("updatedSince"), arguments.get("createdSince")
        order = demarche.by_deposit if updated_since is None else demarche.by_modification
        since = created_since if updated_since is None else updated_since
        accepts = _filter_dossiers(demarche, arguments, groupe)

        def take() -> Page:
            page = self._take(order, arguments, since, accepts)
            self._request.numbers.extend(number for _, number in page.keys)
            return page

        def write(page: Page) -> list[Node]:
            return [self._nodes.write_dossier(demarche.dossiers[number]) for _, number in page.keys]

        return self._connect(take, write)

    def _list_deleted(self, demarche: Demarche, arguments: dict[str, Any]) -> Node:
        return self._connect(
            lambda: self._take(demarche.by_deletion, arguments, arguments.get("deletedSince")),
            lambda page: [write_deleted(demarche.deleted[key]) for _, key in page.keys],
        )

    def _list_pending(self, demarche: Demarche, arguments: dict[str, Any]) -> Node:
        since = arguments.get("deletedSince")

        def is_recent(number: int) -> bool:
            dossier = demarche.dossiers[number]
            dates = (dossier.hidden_by_user_at, dossier.hidden_by_administration_at)
            return since is None or any(date is not None and date >= since for date in dates)

        return self._connect(
            lambda: self._take(demarche.pending, arguments, None, is_recent),
            lambda page: [self._nodes.write_hidden(demarche.dossiers[number]) for _, number in page.keys],
        )

    def _take(
        self,
        order: DateOrder,
        arguments: dict[str, Any],
        since: dt.datetime | None,
        accepts: Callable[[int], bool] = lambda _: True,
    ) -> Page:
        fault = self._request.list_fault
        for place in ("after", "before"):
            if not arguments.get(place) or fault is None:
                continue
            if fault.code == "refused_cursor":
                raise refuse(f"Invalid input: {arguments[place]!r}", None)
            if fault.code == "stale_cursor":
                arguments = {**arguments, place: STALE_CURSOR}
        try:
            return take_page(order, PageArguments.read(arguments), since, accepts)
        except BadArgumentError as error:
            raise refuse(str(error), error.code) from error

    def _connect(self, take: Callable[[], Page], write_nodes: Callable[[Page], list[Node]]) -> Node:
        """A connection. The first field that needs the page makes it, and so gets the page's error.

        A scripted time-out strikes the nodes, and the fields asked for after them.
        """
        page = cache(take)

        def give_info(_info: Any) -> Node:
            self._check_time("pageInfo")
            return LazyNode(
                __typename="PageInfo",
                startCursor=lambda _info: page().start_cursor,
                endCursor=lambda _info: page().end_cursor,
                hasNextPage=lambda _info: page().has_next,
                hasPreviousPage=lambda _info: page().has_previous,
            )

        def give_nodes(_info: Any) -> list[Any]:
            if self._is_late():
                return self._time_out(page())
            return self._break_nodes(write_nodes(page()))

        def give_edges(_info: Any) -> list[Any]:
            if self._is_late():
                return self._time_out(page())
            nodes = self._break_nodes(write_nodes(page()))
            return [
                Node(cursor=write_cursor(key), node=node)
                for key, node in zip(page().keys, nodes, strict=True)
            ]

        return Node(pageInfo=give_info, nodes=give_nodes, edges=give_edges)

    def _is_late(self) -> bool:
        fault = self._request.list_fault
        return fault is not None and fault.code == "timeout"

    def _time_out(self, page: Page) -> list[Any]:
        """A null and an error for each node. Only the first error of the answer has a code."""
        errors: list[Any] = [self._make_timeout("DossierConnection.nodes") for _ in page.keys]
        return errors

    def _make_timeout(self, field: str) -> GraphQLError:
        first = not self._request.timed_out
        self._request.timed_out = True
        return refuse(f"Timeout on {field}", "timeout" if first else None)

    def _check_time(self, field: str) -> None:
        fault = self._request.list_fault
        if fault is None or fault.code != "timeout":
            return
        if self._request.timed_out or not fault.partial:
            raise self._make_timeout(f"DossierConnection.{field}")

    def _break_nodes(self, nodes: list[Node]) -> list[Node]:
        fault = self._request.list_fault
        if fault is not None and fault.code == "invalid_null":
            for node in [node for node in nodes if node["number"] in fault.dossiers] or nodes[:1]:
                fault.break_node(node)
        return nodes


def _filter_dossiers(
    demarche: Demarche, arguments: dict[str, Any], groupe: int | None
) -> Callable[[int], bool]:
    state, archived = arguments.get("state"), arguments.get("archived")
    revisions = _accepted_revisions(demarche, arguments)
    if state is None and archived is None and revisions is None and groupe is None:
        return lambda _: True

    def accepts(number: int) -> bool:
        dossier = demarche.dossiers[number]
        return (
            (state is None or dossier.state == state)
            and (archived is None or dossier.archived == archived)
            and (revisions is None or dossier.revision in revisions)
            and (groupe is None or dossier.groupe == groupe)
        )

    return accepts


def _accepted_revisions(demarche: Demarche, arguments: dict[str, Any]) -> set[int] | None:
    """The numbers of the revisions asked for; None for all. Bounds are inclusive."""
    one, lowest, highest = (arguments.get(name) for name in ("revision", "minRevision", "maxRevision"))
    if one is not None:
        return {read_revision(demarche, one).number}
    if lowest is None and highest is None:
        return None
    revisions = demarche.form.revisions
    if lowest is not None:
        since = read_revision(demarche, lowest).date_creation
        revisions = tuple(revision for revision in revisions if revision.date_creation >= since)
    if highest is not None:
        until = read_revision(demarche, highest).date_creation
        revisions = tuple(revision for revision in revisions if revision.date_creation <= until)
    return {revision.number for revision in revisions}
