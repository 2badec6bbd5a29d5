"""What a view is made of: its rows, and for each column its type and where the store keeps its value.

`tables.views` makes these from a démarche's tables; `view_sql` writes them in the SQL of each database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

ViewKind: TypeAlias = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "list", "json"]
"""`list` and `json` are JSON text; a `datetime` is the time in Paris, without an offset."""

Place: TypeAlias = Literal[
    "dossiers", "block_rows", "anomalies", "document", "data", "champs", "row", "row_champs"
]
"""Where a column's path starts.

In a column of one of our tables (`dossiers`, `block_rows`, `anomalies`), in the dossier's document, or in the
data of a block's row. Without a model: in the document's list of champs, in a row of a block of that list, or
in the champs of such a row; in both lists of champs the path starts with a champ's id.
"""

LONGEST_NAME = 63  # bytes: PostgreSQL silently cuts a longer name
MOST_COLUMNS = 1_600  # PostgreSQL takes 1,664, SQLite 2,000


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column. `meaning` is a text for people; it changes nothing in the view."""

    name: str
    kind: ViewKind
    place: Place
    path: tuple[str, ...]
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A view of a démarche's live dossiers. Its name is the démarche's name followed by `table`.

    A row is a dossier, an anomaly, a row of the block that a model names `block`, or a row of the block whose
    champ has the id `champ`.
    """

    table: str
    columns: tuple[ViewColumn, ...]
    block: str | None = None
    champ: str | None = None
    label: str = ""

    def name_columns(self) -> list[tuple[str, ViewColumn]]:
        """The columns, each with a name that both databases accept and that no other column has.

        Columns beyond `MOST_COLUMNS` are left out.
        """
        named: dict[str, tuple[str, ViewColumn]] = {}
        for column in self.columns[:MOST_COLUMNS]:
            name = fit_name(column.name)
            while name.lower() in named:
                name = fit_name(f"{name}_")
            named[name.lower()] = name, column
        return list(named.values())


def fit_name(name: str) -> str:
    """The name, cut to PostgreSQL's limit. A cut name ends with a digest of the whole, to stay distinct."""
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME:
        return name
    digest = hashlib.blake2b(encoded, digest_size=4).hexdigest()
    return f"{encoded[: LONGEST_NAME - 9].decode(errors='ignore')}_{digest}"
