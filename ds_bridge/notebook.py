"""In a notebook: the store as typed objects and polars frames.

    store = ds_bridge.open_store()                    # the configuration's, or open_store("sqlite:///…")
    for report in store.dossiers("cra"):              # CompteRendu objects, by number
        report.temps_hebdomadaire.total
    store.dossiers("cra").frame("evenements")         # one row an événement, keyed by dossier and position
    store.demarches                                   # what is in it

These objects print counts and names of tables, as text and as HTML, and never what people filed.

Takes the store and the configuration, writes nothing. Objects are built again from the stored document and
checked by their model. When the model changed since and the document does not fit it any more, the object is
mapped again from the raw dossier.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from pydantic import ValidationError

from ds_bridge.api.records import DossierState, read_dossier
from ds_bridge.config import DemarcheSettings, Settings, load_settings
from ds_bridge.config.settings import suggest
from ds_bridge.dump.dossiers import need_extra
from ds_bridge.errors import BadDataError, ConfigurationError
from ds_bridge.form import read_forms
from ds_bridge.health.status import open_to_read
from ds_bridge.ids import read_demarche
from ds_bridge.log import tell_count
from ds_bridge.mapping import DomainModel, map_dossier
from ds_bridge.mapping.fields import note_anomalies
from ds_bridge.mapping.shown import Document, write_table
from ds_bridge.store import Store, StoredDocument, StoredDossier
from ds_bridge.store.encoding import encode_json
from ds_bridge.store.reading import Conditions, Part, Selection
from ds_bridge.tables.described import Described, describe
from ds_bridge.tables.layout import Cells, Facts, Layout, is_unmapped

if TYPE_CHECKING:
    import polars as pl

_ROWS_A_CHUNK = 5_000


def open_store(url: str | None = None, config: Path | str | Settings | None = None) -> StoreReader:
    """Open a store that a sync made. `url` replaces the one of the configuration.

    Raises ConfigurationError and StoreError when there is no such store.
    """
    settings = config if isinstance(config, Settings) else load_settings(Path(config) if config else None)
    if url is not None:
        settings = settings.model_copy(update={"store": settings.store.model_validate({"url": url})})
    return StoreReader(open_to_read(settings), settings)


class StoreReader:
    """An open store, to read. Close it, or use it as a context manager."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def dossiers(
        self,
        name: str,
        *,
        model: type[DomainModel] | None = None,
        **conditions: Unpack[Conditions],
    ) -> Dossiers:
        """The live dossiers of a démarche of the configuration.

        name: as in the configuration, or the démarche's number. model: replaces the configuration's.
        Conditions: `states`, `since` (the earliest modification), `until` (excluded), `deposited_since`,
        `deposited_until` (excluded): datetimes with their offset. Raises ConfigurationError.
        """
        _check_conditions(conditions)
        number = read_demarche(name)
        if number is not None and name not in self._settings.demarches:
            demarche = DemarcheSettings(number=number)
        else:
            demarche = self._settings.demarche(name)
        described = describe(self._store, name, demarche, model)
        return Dossiers(self._store, described, conditions)

    @property
    def demarches(self) -> Demarches:
        """The démarches of the configuration, by name, each with what the store holds of it now."""
        return Demarches(
            {name: _look(self, self._store, name, each) for name, each in self._settings.demarches.items()}
        )

    def frame(self, table: str, name: str | None = None) -> pl.DataFrame:
        """`dossiers(name).frame(table)`. Without a name: the frame of the only démarche with such a table.

        Raises ConfigurationError when no démarche has the table, or several have it.
        """
        if name is None:
            having = [each for each in self._settings.demarches if table in self._list_tables(each)]
            if len(having) != 1:
                found = f"several démarches have it: {', '.join(having)}" if having else "no démarche has it"
                raise ConfigurationError(f"frame {table!r}: {found}: use dossiers(NAME).frame({table!r})")
            name = having[0]
        return self.dossiers(name).frame(table)

    def _list_tables(self, name: str) -> Collection[str]:
        if self._store.read_form(self._settings.demarche(name).number) is None:
            return ()  # never synced
        return self.dossiers(name).tables

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<StoreReader of {', '.join(self._settings.demarches) or 'no démarche'}>"

    def _repr_html_(self) -> str:
        return self.demarches._repr_html_()


@dataclass(frozen=True)
class Demarche:
    """A démarche of the configuration. `count`: its live dossiers; `invalid`: those of them with an error.

    `pulled_at`: the end of the last run that was complete. A démarche that was never synced has no title.
    """

    reader: StoreReader
    name: str
    number: int
    title: str | None
    count: int
    invalid: int
    pulled_at: datetime | None

    def dossiers(self, **conditions: Unpack[Conditions]) -> Dossiers:
        """`StoreReader.dossiers` for this démarche."""
        return self.reader.dossiers(self.name, **conditions)

    def __repr__(self) -> str:
        return f"Demarche({self.name}, n° {self.number}, {tell_count(self.count, 'dossier')})"

    def _repr_html_(self) -> str:
        rows = [(heading, cell) for heading, cell in zip(_HEADINGS, self._cells(), strict=True)]
        return write_table(self.name, (), rows[1:])

    def _cells(self) -> tuple[Any, ...]:
        pulled = f"{self.pulled_at:%Y-%m-%d %H:%M} UTC" if self.pulled_at else "never"
        return (self.name, self.number, self.title, self.count, self.invalid, pulled)


_HEADINGS = ("name", "number", "title", "dossiers", "invalid", "pulled")


class Demarches(Mapping[str, Demarche]):
    """Démarches by name, in the order of the configuration."""

    def __init__(self, found: Mapping[str, Demarche]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> Demarche:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"Demarches({', '.join(map(repr, self._found.values()))})"

    def _repr_html_(self) -> str:
        return write_table("démarches", _HEADINGS, (each._cells() for each in self._found.values()))


def _check_conditions(conditions: Conditions) -> None:
    """Raise ConfigurationError for conditions that no dossier could meet, before anything is read."""
    Selection(0, **conditions)
    known = [state.value for state in DossierState]
    for state in conditions.get("states") or ():
        if state not in known:
            raise ConfigurationError(
                f"no state {state!r}{suggest(str(state), known)} (known: {', '.join(known)})"
            )


def _look(reader: StoreReader, store: Store, name: str, settings: DemarcheSettings) -> Demarche:
    form = store.read_form(settings.number)
    title = read_forms(form)[0].title if form is not None else None
    seen = store.overview(settings.number)
    good = seen.last_good_run
    return Demarche(
        reader, name, settings.number, title, seen.live, seen.invalid, good.finished_at if good else None
    )


class Dossiers:
    """Some dossiers of a démarche: iterate over them, count them, make frames. Each use reads the store."""

    def __init__(
        self,
        store: Store,
        described: Described,
        conditions: Conditions,
    ) -> None:
        self._store = store
        self._described = described
        self._conditions = conditions

    def __iter__(self) -> Iterator[Any]:
        """Objects of the model, by number; documents of a démarche without a model.

        A dossier that could not be mapped at all is left out; a warning at the end says how many were.
        """
        if self._described.plan is None:
            yield from self.documents()
            return
        left_out = 0
        for stored in self._read():
            value = self._build(stored)
            if value is None:
                left_out += 1
            else:
                yield value
        if left_out:
            warnings.warn(
                f"{tell_count(left_out, 'dossier')} could not be mapped and left out: see frame('anomalies')",
                stacklevel=2,
            )

    def __len__(self) -> int:
        """How many live dossiers, those that cannot be mapped included."""
        return self._store.count(self._described.number, **self._conditions)

    def documents(self) -> Iterator[Document]:
        """The JSON of each dossier, anomalies included, as `dump` writes it: dicts that print no content."""
        return (Document(stored.document) for stored in self._read_documents())

    @property
    def tables(self) -> dict[str, list[str]]:
        """The names of the frames, each with its columns."""
        return {
            table.name: [column.name for column in table.columns] for table in self._described.layout().tables
        }

    def frame(self, name: str) -> pl.DataFrame:
        """A table as a polars frame: `dossiers`, a block (`evenements`) or `anomalies`.

        Keyed by `dossier` (and `position`), so that frames join on it. Dates are dates; moments are in the
        platform's time. Needs the extra `dump`. Raises ConfigurationError for a table that is not there.
        """
        need_extra("frame()", "polars")
        import polars as pl

        from ds_bridge.dump.frames import make_frame

        layout = self._described.layout()
        table = next((table for table in layout.tables if table.name == name), None)
        if table is None:
            known = ", ".join(each.name for each in layout.tables)
            raise ConfigurationError(f"{self._described.name} has no table {name!r} (known: {known})")
        chunks: list[pl.DataFrame] = []
        rows: list[Cells] = []
        for found, cells in self._split(layout):
            if found == name:
                rows.append(cells)
                if len(rows) == _ROWS_A_CHUNK:
                    chunks.append(make_frame(table, rows))
                    rows = []
        chunks.append(make_frame(table, rows))
        return pl.concat(chunks)

    def __repr__(self) -> str:
        return f"<Dossiers of {self._described.name}: {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        rows = [(name, ", ".join(columns)) for name, columns in self.tables.items()]
        title = f"{self._described.name}: {self._described.title}, {tell_count(len(self), 'dossier')}"
        return write_table(title, ("table", "columns"), rows)

    def _read(self) -> Iterator[StoredDossier]:
        return self._store.dossiers(self._described.number, **self._conditions)

    def _read_documents(self, *also: Part) -> Iterator[StoredDocument]:
        return self._store.documents(self._described.number, also=also, **self._conditions)

    def _split(self, layout: Layout) -> Iterator[tuple[str, Cells]]:
        for stored in self._read_documents("row_ids"):
            yield from layout.split(stored.document, Facts(stored.number, stored.valid, stored.row_ids))

    def _build(self, stored: StoredDossier) -> DomainModel | None:
        plan = self._described.plan
        if plan is None or is_unmapped(stored.document):
            return None
        own = plan.reader.header == "dossier"
        left = {"anomalies"} if own else {"anomalies", "dossier"}
        content = {key: value for key, value in stored.document.items() if key not in left}
        try:
            value = plan.model.model_validate_json(encode_json(content))
        except ValidationError:
            return self._map_again(stored)
        note_anomalies(value, len(stored.document.get("anomalies") or ()))
        return value

    def _map_again(self, stored: StoredDossier) -> DomainModel | None:
        try:
            dossier = read_dossier(stored.raw)
        except BadDataError:
            return None
        return map_dossier(self._described.plan, dossier, self._described.number).value
