"""`read_demarche`: a dlt source. Our own sync brings the platform's changes into our store; what changed
there since a table was last loaded goes on to the destination.

    sync → store → (place in the store's changes, kept in dlt's state) → rows, and marks of what goes first

Everything is loaded whole the first time, from another store, and after a purge: a purge leaves no change
that could be told. Else, for each dossier that changed, its rows are taken out of the destination's tables,
and put in again unless it is gone. Tables and columns are those of the dumps; lists stay in their column, as
JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ds_bridge.config import DemarcheSettings, Settings, load_settings
from ds_bridge.errors import DsBridgeError, MissingExtraError
from ds_bridge.store import Store, StoredDeletion, StoredDocument
from ds_bridge.tables import Described, describe
from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.layout import DOSSIER_KEY, Cells, Facts

if TYPE_CHECKING:
    from dlt.extract import DltSource

MARK = "_ds_deleted"
"""The column that takes a dossier's old rows out; false in every row that stays."""

DELETIONS = "deletions"
_DELETIONS_TABLE = Table(
    DELETIONS,
    (
        DOSSIER_KEY,
        Column("kind", "text"),
        Column("reason", "text"),
        Column("deleted_at", "datetime"),
        Column("pulled", "boolean"),
    ),
    (DOSSIER_KEY.name,),
)
_Item = TypeVar("_Item")
_ROWS_A_CHUNK = 1000
_NUMBERS_A_STATEMENT = 200
_TYPES = {
    "text": "text",
    "integer": "bigint",
    "decimal": "double",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
    "json": "text",
    "record": "json",
}


def read_demarche(name: str, *, config: Path | str | Settings | None = None, sync: bool = True) -> DltSource:
    """A démarche of the configuration as a dlt source: `dossiers`, its blocks, `anomalies`, `deletions`.

    sync: pull what changed from the platform first, as `ds-bridge sync NAME` does, before this returns;
    False: take the store as it is. Each resource loads what changed since it was loaded last; which ones are
    loaded is free (`with_resources`).

    Raises ConfigurationError, MissingExtraError, what sync raises, and DsBridgeError when it did not
    complete: what was pulled is kept.
    """
    if find_spec("dlt") is None:
        raise MissingExtraError("ds_bridge.dlt", "dlt")
    import dlt

    settings = config if isinstance(config, Settings) else load_settings(Path(config) if config else None)
    demarche = settings.demarche(name)
    if sync:
        _pull(name, demarche, settings)
    with Store.open_to_read(settings.store.url) as store:
        described = describe(store, name, demarche)

    def list_resources() -> Iterator[Any]:
        for table in (*described.layout().tables, _DELETIONS_TABLE):
            reader = _Reader(settings.store.url, described, table)
            yield dlt.resource(
                reader.make_function(),
                name=table.name,
                columns=_describe(table, merge=True),
                merge_key=DOSSIER_KEY.name,
            )

    source = dlt.source(list_resources, name=re.sub(r"\W", "_", name.lower()), max_table_nesting=0)
    return source()


def _pull(name: str, demarche: DemarcheSettings, settings: Settings) -> None:
    from ds_bridge.api.client import Client
    from ds_bridge.sync import sync_demarche

    with Client(settings.api) as client, Store.open(settings.store.url) as store:
        summary = sync_demarche(name, demarche, client, store)
    if summary.outcome != "complete":
        raise DsBridgeError(f"{name}: the sync ended {summary.outcome}: {summary.error}: nothing was loaded")


@dataclass(frozen=True)
class _Reader:
    """What one resource reads: the rows of one table."""

    url: str
    described: Described
    table: Table

    def make_function(self) -> Callable[[], Iterator[Any]]:
        """`read` as dlt takes it: a plain function, which it writes a note on."""

        def read() -> Iterator[Any]:
            yield from self.read()

        return read

    def read(self) -> Iterator[Any]:
        """Chunks of rows, each with what dlt is to do with it. At the end dlt's state is the new place."""
        import dlt

        state = dlt.current.resource_state()
        with Store.open_to_read(self.url) as store:
            number = self.described.number
            place, purged = store.read_place(number), store.purged_before(number)
            shown = {"feed": place.feed, "purged_before": purged.isoformat() if purged else None}
            merge = state.get("shown") == shown and state["change"] <= place.changes
            rows = self._read_changed(store, state["change"]) if merge else self._read_all(store)
            # Of no rows, too, dlt is told: so that the table is there, or is emptied.
            for chunk in chain(_chunk(rows, _ROWS_A_CHUNK), [dlt.mark.materialize_table_schema()]):
                yield dlt.mark.with_hints(chunk, self._make_hints(merge=merge))
        state["shown"], state["change"] = shown, place.changes

    def _make_hints(self, *, merge: bool) -> Any:
        import dlt

        return dlt.mark.make_hints(
            write_disposition={"disposition": "merge", "strategy": "delete-insert"} if merge else "replace",
            merge_key=DOSSIER_KEY.name,
            columns=_describe(self.table, merge=merge),
        )

    def _read_all(self, store: Store) -> Iterator[Cells]:
        if self.table.name == DELETIONS:
            return map(_describe_deletion, store.deletions(self.described.number))
        return chain.from_iterable(
            map(self._split(), store.documents(self.described.number, also={"row_ids"}))
        )

    def _read_changed(self, store: Store, after: int) -> Iterator[Cells]:
        # Written again while this reads, a number comes twice: the next load has what was written.
        changed = dict.fromkeys(store.changed_numbers(self.described.number, after))
        yield from ({DOSSIER_KEY.name: number, MARK: True} for number in changed)
        if self.table.name == DELETIONS:
            gone = store.deletions(self.described.number)
            yield from (_describe_deletion(each) for each in gone if each.number in changed)
            return
        split = self._split()
        for batch in _chunk(iter(changed), _NUMBERS_A_STATEMENT):
            for each in store.documents(self.described.number, numbers=batch, also={"row_ids"}):
                yield from split(each)

    def _split(self) -> Callable[[StoredDocument], Iterable[Cells]]:
        layout = self.described.layout()

        def split(each: StoredDocument) -> Iterator[Cells]:
            for table, cells in layout.split(each.document, Facts(each.number, each.valid, each.row_ids)):
                if table == self.table.name:
                    yield cells | {MARK: False}

        return split


def _describe_deletion(stored: StoredDeletion) -> Cells:
    return {
        DOSSIER_KEY.name: stored.number,
        "kind": stored.kind,
        "reason": stored.reason,
        "deleted_at": stored.deleted_at,
        "pulled": stored.pulled,
        MARK: False,
    }


def _describe(table: Table, *, merge: bool) -> dict[str, Any]:
    """The columns as dlt knows them; the mark only means something in a merge."""
    columns: dict[str, Any] = {
        column.name: {
            "name": column.name,
            "data_type": "json" if column.many else _TYPES[column.kind],
            "nullable": column.name != DOSSIER_KEY.name,
        }
        for column in table.columns
    }
    return columns | {MARK: {"name": MARK, "data_type": "bool", "nullable": True, "hard_delete": merge}}


def _chunk(items: Iterator[_Item], size: int) -> Iterator[list[_Item]]:
    while chunk := list(islice(items, size)):
        yield chunk
