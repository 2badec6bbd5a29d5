"""`keep_lake`: a démarche's tables in a lake brought to what the store holds.

    the store's place → its tables' own place → spans that changed → files → a commit a table → vacuum

The first time, and after a change of columns or of store, everything is one span. The table `dossiers` is
committed last: it says where the lake stands, so a run killed between two commits is done again by the next.
Until a table's commit nothing of the run is visible in it; what a killed run wrote goes with a later vacuum.

All tables are written from one reading of each dossier. A dossier that changes while the run reads may be
shown as it then is; the next run writes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from deltalake.transaction import AddAction

from ds_bridge.config import DemarcheSettings
from ds_bridge.lake.pieces import Piece, make_delta_schema, read_pieces
from ds_bridge.lake.place import LakePlace
from ds_bridge.lake.spans import EVERYTHING, DataFile, find_spans
from ds_bridge.lake.table import LakeTable, Mark, describe_commit, refuse_foreign_files, replace_table
from ds_bridge.log import tell_count
from ds_bridge.store import Place, Store
from ds_bridge.sync import Stop
from ds_bridge.tables import describe
from ds_bridge.tables.layout import DOSSIERS, Layout

WEEK, AT_ONCE = timedelta(days=7), timedelta(0)

# A file is a thousandth of the démarche: what one dossier far from all others costs, in each table.
_FILES, _FEWEST, _MOST = 1000, 100, 1_000


def _say_nothing(kept: Kept) -> None:
    del kept


@dataclass(frozen=True)
class LakeOrders:
    """How a lake is kept. `keep`: how long files that are not named any more stay, for readers at work.

    `dossiers_a_file` is worked out of the démarche's size when it is None.
    """

    keep: timedelta = WEEK
    dossiers_a_file: int | None = None
    stop: Stop = field(default_factory=Stop)
    progress: Callable[[Kept], None] = _say_nothing


@dataclass
class Kept:
    """What a run did. `change` is the place in the store's changes that all tables show now.

    `whole`: everything was written. `seen`, `files`, `written`: dossiers, files and bytes of this run;
    `size`: the bytes of the files that the tables are made of now; `removed`: files that a vacuum took away.
    """

    name: str
    number: int
    uri: str
    change: int = 0
    whole: bool = False
    seen: int = 0
    files: int = 0
    written: int = 0
    size: int = 0
    removed: int = 0
    tables: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return dict(vars(self))

    def describe(self) -> str:
        """One line."""
        did = "written whole" if self.whole else "brought up to date" if self.files else "nothing had changed"
        return (
            f"{self.name}: {did}: {tell_count(self.seen, 'dossier')} written in"
            f" {tell_count(self.files, 'file')} ({self.written:,} of {self.size:,} bytes) at {self.uri}"
        )


def keep_lake(
    name: str, demarche: DemarcheSettings, store: Store, lake: str, orders: LakeOrders | None = None
) -> Kept:
    """Bring the démarche's tables at `lake` (a folder, or `s3://bucket/folder`) to what the store holds.

    Raises ConfigurationError for an address or a folder that cannot be, or a store without the form;
    LockedError when another run is at it, StoreError when disk or bucket fail, InterruptedRunError.
    """
    place = LakePlace.of(lake, name)
    with store.lock(demarche.number, "lake"):
        # Before anything is read: what is written meanwhile is the next run's.
        shown = store.read_place(demarche.number)
        layout = describe(store, name, demarche).layout()
        place.prepare()
        run = _Run(store, demarche.number, place, layout, orders or LakeOrders(), shown)
        return run.go(Kept(name, demarche.number, place.uri, shown.changes))


class _Run:
    """One run: what it works on, and its steps."""

    def __init__(
        self,
        store: Store,
        number: int,
        place: LakePlace,
        layout: Layout,
        orders: LakeOrders,
        shown: Place,
    ) -> None:
        self._store = store
        self._number = number
        self._place = place
        self._layout = layout
        self._orders = orders
        self._shown = shown
        # The table that says where the lake stands is opened first and committed last.
        self._names = [table.name for table in layout.tables]
        self._schemas = {table.name: make_delta_schema(table) for table in layout.tables}
        self._found = {name: LakeTable.open(place, name, number) for name in self._names}
        for name, table in self._found.items():
            if table is None:
                refuse_foreign_files(place, name)

    def go(self, kept: Kept) -> Kept:
        """Do it."""
        old = {name: table.list_files() if table else [] for name, table in self._found.items()}
        since = self._find_start()
        kept.whole = since is None
        spans = [EVERYTHING] if since is None else self._find_spans(old, since)
        adds = self._write(spans, kept)
        if spans:
            self._commit(spans, adds, old, kept)
        now = {name: LakeTable.open(self._place, name, self._number) for name in self._list_tables()}
        self._measure(now, kept)
        kept.removed = sum(table.vacuum(self._orders.keep) for table in now.values() if table)
        return kept

    def _find_start(self) -> int | None:
        """The place in this count of changes that `dossiers` shows; None when all is to be written.

        That is so unless all tables are there, with these columns, and show this place at least.
        """
        dossiers = self._found[DOSSIERS]
        since = dossiers.shows(self._number, self._shown.feed) if dossiers else None
        if since is None:
            return None
        for name, table in self._found.items():
            reached = table.shows(self._number, self._shown.feed) if table else None
            if (
                table is None
                or reached is None
                or reached < since
                or not table.has_columns(self._schemas[name])
            ):
                return None
        fits = since <= self._shown.changes and set(self._list_tables()) == set(self._names)
        return since if fits else None

    def _find_spans(self, old: dict[str, list[DataFile]], since: int) -> list[range]:
        return find_spans(
            old[DOSSIERS],
            [file for name, files in old.items() if name != DOSSIERS for file in files],
            self._store.changed_numbers(self._number, since),
            lambda numbers: self._store.count(self._number, numbers=numbers),
        )

    def _write(self, spans: Sequence[range], kept: Kept) -> dict[str, list[AddAction]]:
        adds: dict[str, list[AddAction]] = {name: [] for name in self._names}
        size = self._orders.dossiers_a_file or self._choose_size()
        for span in spans:
            for piece in read_pieces(self._store, self._number, self._layout, span, size):
                self._orders.stop.check()
                self._write_piece(piece, adds, kept)
        return adds

    def _write_piece(self, piece: Piece, adds: dict[str, list[AddAction]], kept: Kept) -> None:
        for name, action in piece.write(self._place).items():
            adds[name].append(action)
            kept.files += 1
            kept.written += action.size
        kept.seen += piece.dossiers
        self._orders.progress(kept)

    def _choose_size(self) -> int:
        return min(max(self._store.count(self._number) // _FILES, _FEWEST), _MOST)

    def _commit(
        self,
        spans: Sequence[range],
        adds: dict[str, list[AddAction]],
        old: dict[str, list[DataFile]],
        kept: Kept,
    ) -> None:
        properties = describe_commit(self._number, self._shown)
        mark = Mark(self._number, tuple(self._names))
        self._empty_dropped(properties)
        for name in (*self._names[1:], self._names[0]):
            table = self._found[name]
            if table is None or kept.whole:
                replace_table(self._place, name, self._schemas[name], mark, adds[name], properties)
            else:
                gone = [file for file in old[name] if any(file.meets(span) for span in spans)]
                table.change(adds[name], gone, properties)

    def _empty_dropped(self, properties: Any) -> None:
        """A block that the model has no more has no rows: a purge would not find them later."""
        for name in set(self._list_tables()) - set(self._names):
            if table := LakeTable.open(self._place, name, self._number):
                table.change([], table.list_files(), properties)

    def _list_tables(self) -> list[str]:
        """Those of the layout, and what the lake had when it was last written whole."""
        dossiers = self._found[DOSSIERS]
        return list(dict.fromkeys((*self._names, *(dossiers.mark.tables if dossiers else ()))))

    def _measure(self, now: Mapping[str, LakeTable | None], kept: Kept) -> None:
        for name in self._names:
            table = now[name]
            files = table.list_files() if table else []
            kept.tables[name] = sum(file.rows for file in files)
            kept.size += sum(file.size for file in files)
