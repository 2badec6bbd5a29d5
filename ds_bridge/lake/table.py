"""A table of a lake: what it shows, and the one commit that changes it.

A commit names the files that come and those that go, so a reader sees all of it or nothing. With it goes the
place in the store's order of changes that the table then shows (`Place`): as Delta's own transaction
identifier, which outlives compactions, and for people in the commit's properties.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from typing import Any, Self

import orjson
import polars as pl
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from ds_bridge.errors import ConfigurationError, StoreVersionError
from ds_bridge.lake.place import LakePlace
from ds_bridge.lake.spans import DataFile
from ds_bridge.store import Place

FORMAT = 1
"""Of the lake: raised when another version of ds-bridge must not go on with what this one wrote."""

_LOG = "_delta_log"
_FILE = re.compile(r"part-[0-9a-f]{32}\.parquet")
_CONFIGURATION = {
    # Else a program that compacts would write the least and the last name of its people into the log.
    "delta.dataSkippingStatsColumns": "dossier",
}


@dataclass(frozen=True)
class Mark:
    """What a table says of itself in its description. `tables` are those of the lake when it was made."""

    demarche: int
    tables: tuple[str, ...]

    def write(self) -> str:
        """As JSON."""
        content = {"ds_bridge_lake": FORMAT, "demarche": self.demarche, "tables": self.tables}
        return orjson.dumps(content | {"version": metadata.version("ds-bridge")}).decode()

    @classmethod
    def read(cls, where: str, text: str | None) -> Self:
        """Raises ConfigurationError when ds-bridge did not write it, StoreVersionError for a newer one."""
        try:
            content = orjson.loads(text or "")
            found = int(content["ds_bridge_lake"])
            mark = cls(int(content["demarche"]), tuple(map(str, content["tables"])))
        except (ValueError, KeyError, TypeError):
            raise ConfigurationError(
                f"{where}: it is a Delta table that ds-bridge did not make: give another folder"
            ) from None
        if found > FORMAT:
            raise StoreVersionError(f"{where}: a newer ds-bridge wrote it: upgrade this one")
        return mark


class LakeTable:
    """A Delta table of the lake that is there."""

    def __init__(self, place: LakePlace, name: str, delta: DeltaTable, mark: Mark) -> None:
        self.name = name
        self.mark = mark
        self._place = place
        self._delta = delta

    @classmethod
    def open(cls, place: LakePlace, name: str, demarche: int) -> Self | None:
        """The table as it stands, None when there is none.

        Raises ConfigurationError for another démarche's, or one that is not ours; as `LakePlace.translated`.
        """
        address, options = place.locate(name), place.delta_options
        with place.translated(f"the table {name}"):
            if not DeltaTable.is_deltatable(address, storage_options=options):
                return None
            delta = DeltaTable(address, storage_options=options)
        mark = Mark.read(f"lake {address!r}", delta.metadata().description)
        if mark.demarche != demarche:
            raise ConfigurationError(
                f"lake {address!r}: it is démarche {mark.demarche}'s, not {demarche}'s: give another folder"
            )
        return cls(place, name, delta, mark)

    def shows(self, demarche: int, feed: str | None) -> int | None:
        """How far in this count of changes the table is; None when it shows another count's."""
        return self._delta.transaction_version(_name_count(demarche, feed))

    def has_columns(self, schema: Schema) -> bool:
        """Whether its columns are these."""
        return self._delta.schema() == schema

    def list_files(self) -> list[DataFile]:
        """The files that it is made of now."""
        actions = pl.DataFrame(self._delta.get_add_actions(flatten=True))
        wanted = ("path", "size_bytes", "num_records", "min.dossier", "max.dossier")
        return [DataFile(*row) for row in actions.select(wanted).iter_rows()]

    def change(
        self, adds: Sequence[AddAction], removes: Sequence[DataFile], properties: CommitProperties
    ) -> None:
        """Let these files come and those go, in one commit. Raises as `LakePlace.translated`."""
        now = int(time.time() * 1000)
        gone = [
            RemoveAction(file.path, data_change=True, deletion_timestamp=now, size=file.size)
            for file in removes
        ]
        with self._place.translated(f"the table {self.name}"):
            self._delta.create_write_transaction(
                [*adds, *gone], "append", self._delta.schema(), commit_properties=properties
            )

    def vacuum(self, keep: timedelta) -> int:
        """Remove what no version since then is made of: files that the table had, and those of killed runs.

        A file that the table never had and whose name is not of our making is somebody else's: it stays.
        Returns how many are removed. Raises as `LakePlace.translated`.
        """
        hours = int(keep.total_seconds() // 3600)
        with self._place.translated(f"the table {self.name}"):
            had, unnamed = (
                self._delta.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=full)
                for full in (False, True)
            )
        replaced = set(had)
        files = [file for file in unnamed if file in replaced or _FILE.fullmatch(file)]
        self._place.remove(self.name, files)
        return len(files)


def name_file() -> str:
    """A name for a new file of a table, that no other file has."""
    return f"part-{uuid.uuid4().hex}.parquet"


def refuse_foreign_files(place: LakePlace, name: str) -> None:
    """Raise ConfigurationError when the folder, without a table, has more in it than a killed run leaves."""
    if any(each != _LOG and not _FILE.fullmatch(each) for each in place.list_names(name)):
        raise ConfigurationError(
            f"lake {place.locate(name)!r}: it holds files that ds-bridge did not make: give another folder"
        )


def replace_table(
    place: LakePlace,
    name: str,
    schema: Schema,
    mark: Mark,
    adds: list[AddAction],
    properties: CommitProperties,
) -> None:
    """Make the table, or put it in the place of the one that is there: one commit. Raises as `translated`."""
    with place.translated(f"the table {name}"):
        create_table_with_add_actions(
            place.locate(name),
            schema,
            adds,
            mode="overwrite",
            name=name,
            description=mark.write(),
            configuration=_CONFIGURATION,
            storage_options=place.delta_options,
            commit_properties=properties,
        )


def describe_commit(demarche: int, shown: Place) -> CommitProperties:
    """What goes with a commit: the place in the store's changes that the table shows from then on.

    Never tried again by the library: what was written beside somebody else's commit does not go with it.
    """
    told: dict[str, Any] = {"demarche": demarche, "feed": shown.feed, "change": shown.changes}
    return CommitProperties(
        custom_metadata={"ds_bridge": told | {"version": metadata.version("ds-bridge")}},
        app_transactions=[Transaction(_name_count(demarche, shown.feed), shown.changes)],
        max_commit_retries=0,
    )


def _name_count(demarche: int, feed: str | None) -> str:
    return f"ds-bridge {demarche} {feed or 'none'}"
