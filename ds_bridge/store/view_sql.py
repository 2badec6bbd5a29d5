"""Writes a view in the SQL of SQLite or PostgreSQL: same names, and values that compare and group alike.

PostgreSQL gives real types. There, a value that is not of its column's type is null, so that one such value
does not end every query (such a dossier was mapped by an older model, and not mapped again yet). Views do not
read the raw dossier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ds_bridge.store.view_columns import View, ViewColumn, ViewKind

TYPES: Mapping[ViewKind, Mapping[str, str]] = {
    "text": {"sqlite": "text", "postgresql": "text"},
    "integer": {"sqlite": "integer", "postgresql": "bigint"},
    "decimal": {"sqlite": "real", "postgresql": "numeric"},
    "boolean": {"sqlite": "integer: 0, 1", "postgresql": "boolean"},
    "date": {"sqlite": "text: 2024-05-30", "postgresql": "date"},
    "datetime": {"sqlite": "text: 2024-05-30 10:15:00", "postgresql": "timestamp"},
    "list": {"sqlite": "text: JSON list", "postgresql": "text: JSON list"},
    "json": {"sqlite": "text: JSON", "postgresql": "text: JSON"},
}
"""The type of each kind on each database, as people read it."""

_LIST_OF = {"champs": "d.document", "row_champs": "r.value"}
_JSON_OF = {"document": "d.document", "data": "b.data", "row": "r.value"}
_TABLES = {"dossiers": "d", "block_rows": "b", "anomalies": "a"}


def write_view(dialect: str, name: str, demarche: int, view: View) -> str:
    """The statement that creates the view. Every name and text in it is quoted."""
    grammar: _Grammar = _Sqlite() if dialect == "sqlite" else _Postgresql()
    columns = [f"{_read(grammar, column)} AS {quote(shown)}" for shown, column in view.name_columns()]
    condition = f" WHERE d.demarche = {demarche:d} AND d.deletion_kind IS NULL"
    source = "dossiers d"
    if view.block is not None:
        source += " JOIN block_rows b ON b.dossier = d.number"
        condition += f" AND b.block = {literal(view.block)}"
    elif view.champ is not None:
        source += grammar.join_rows(view.champ)
    elif any(column.place == "anomalies" for column in view.columns):
        source += " JOIN anomalies a ON a.dossier = d.number"
    return f"CREATE VIEW {quote(name)} AS SELECT {', '.join(columns)} FROM {source}{condition}"  # noqa: S608 - every name is quoted


def write_comments(name: str, view: View) -> list[str]:
    """The comments for PostgreSQL that say what the view and its columns mean: dashboards show them."""
    said = [f"COMMENT ON VIEW {quote(name)} IS {literal(' '.join(view.label.split()))}"] if view.label else []
    return said + [
        f"COMMENT ON COLUMN {quote(name)}.{quote(shown)} IS {literal(' '.join(column.meaning.split()))}"
        for shown, column in view.name_columns()
        if column.meaning
    ]


def quote(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _read(grammar: _Grammar, column: ViewColumn) -> str:
    if column.place in _TABLES:
        stored = f"{_TABLES[column.place]}.{column.path[0]}"
        return grammar.tell_time(stored) if column.kind == "datetime" else stored
    if column.place in _LIST_OF:
        champ, *keys = column.path
        found = grammar.read_champ(_LIST_OF[column.place], champ, keys, column.kind)
        return f"coalesce({found}, '[]')" if column.kind == "list" else found
    if column.place == "row" and column.path == ("position",):
        return grammar.position
    return grammar.read(_JSON_OF[column.place], column.path, column.kind)


class _Grammar(Protocol):
    """The parts of SQL that each database writes in its own way."""

    position: str

    def tell_time(self, moment: str) -> str:
        """The time in Paris of a moment."""
        ...

    def read(self, json: str, path: Sequence[str], kind: ViewKind) -> str:
        """The value at a path of some JSON."""
        ...

    def read_champ(self, holder: str, champ: str, keys: Sequence[str], kind: ViewKind) -> str:
        """The value of a champ among the `champs` of `holder`, or the part of the value at `keys`."""
        ...

    def join_rows(self, champ: str) -> str:
        """The rows of a block that stands in the document's list, as `r`."""
        ...


class _Sqlite:
    """JSON functions. Dates and times are text; the order of the text is the order of time."""

    position = "r.key"
    _TYPES: Mapping[ViewKind, str] = {
        "text": "'text'",
        "date": "'text'",
        "datetime": "'text'",
        "integer": "'integer'",
        "decimal": "'integer', 'real', 'text'",
        "boolean": "'true', 'false'",
        "list": "'array'",
        "json": "'true', 'false', 'integer', 'real', 'text', 'array', 'object'",
    }

    def read(self, json: str, path: Sequence[str], kind: ViewKind) -> str:
        found = self._extract(json, path)
        match kind:
            case "decimal":
                return f"CAST({found} AS REAL)"
            case "datetime":
                return self.tell_time(found)
            case "list":
                return f"coalesce({found}, '[]')"
            case "json":
                return self._write_json(json, path)
            case _:
                return found

    def read_champ(self, holder: str, champ: str, keys: Sequence[str], kind: ViewKind) -> str:
        path = ("value", *keys)
        return (
            f"(SELECT {self.read('c.value', path, kind)} FROM json_each({holder}, '$.champs') c"  # noqa: S608 - quoted
            f" WHERE {self._is_champ(champ)} AND json_type(c.value, {_write_path(path)})"
            f" IN ({self._TYPES[kind]}) LIMIT 1)"
        )

    def join_rows(self, champ: str) -> str:
        return (
            " JOIN json_each((SELECT json_extract(c.value, '$.rows') FROM json_each(d.document, '$.champs') c"  # noqa: S608 - quoted
            f" WHERE {self._is_champ(champ)} AND json_type(c.value, '$.rows') = 'array' LIMIT 1)) r"
        )

    def _is_champ(self, champ: str) -> str:
        return f"rtrim(json_extract(c.value, '$.id'), '=') = {literal(champ)}"

    def _extract(self, json: str, path: Sequence[str]) -> str:
        if not any('"' in key or "\\" in key for key in path):
            return f"json_extract({json}, {_write_path(path)})"
        for key in path:  # a JSON path cannot spell such a key
            json = f"(SELECT value FROM json_each({json}) WHERE key = {literal(key)})"  # noqa: S608 - quoted
        return json

    def _write_json(self, json: str, path: Sequence[str]) -> str:
        found = self._extract(json, path)
        kind = f"json_type({json}, {_write_path(path)})"
        return (
            f"CASE {kind} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'"
            f" WHEN 'text' THEN json_quote({found}) ELSE CAST({found} AS TEXT) END"
        )

    def tell_time(self, moment: str) -> str:
        """The time in Paris of a moment with an offset, by the rule in force since 1996.

        SQLite knows the machine's own zone and no other.
        """
        summer, winter = (f"date(substr(u, 1, 4) || '-{month}-25', 'weekday 0')" for month in ("03", "10"))
        return (
            f"(SELECT datetime(u, CASE WHEN u >= {summer} || ' 01:00:00' AND u < {winter} || ' 01:00:00'"  # noqa: S608 - ours
            f" THEN '+2 hours' ELSE '+1 hours' END) FROM (SELECT datetime({moment}) AS u))"
        )


class _Postgresql:
    """JSON operators and real types. `substring` gives null when the text is not of the type."""

    position = "r.place - 1"
    _DAY = (
        r"(?!0000)(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
        r"|02-(?:0[1-9]|1\d|2[0-8]))"
        r"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
    )
    _CASTS: Mapping[ViewKind, tuple[str, str]] = {
        "integer": (r"-?(?:\d{1,18}|[1-8]\d{18}|9[01]\d{17})", "bigint"),
        "decimal": (r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", "numeric"),
        "boolean": ("(?:true|false)", "boolean"),
        "date": (_DAY, "date"),
        "datetime": (
            _DAY + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)",
            "timestamptz",
        ),
    }
    _TYPES: Mapping[ViewKind, str] = {
        "text": "'string'",
        "date": "'string'",
        "datetime": "'string'",
        "integer": "'number'",
        "decimal": "'number', 'string'",
        "boolean": "'boolean'",
        "list": "'array'",
        "json": "'boolean', 'number', 'string', 'array', 'object'",
    }

    def read(self, json: str, path: Sequence[str], kind: ViewKind) -> str:
        *keys, last = map(literal, path)
        place = " -> ".join((json, *keys))
        if kind == "json":
            return f"nullif(({place} -> {last})::text, 'null')"
        found = f"{place} ->> {last}"
        if kind == "list":
            return f"coalesce({found}, '[]')"
        if kind not in self._CASTS:
            return found
        pattern, sql_type = self._CASTS[kind]
        value = f"substring({found} from {literal(f'^{pattern}$')})::{sql_type}"
        return self.tell_time(value) if kind == "datetime" else value

    def read_champ(self, holder: str, champ: str, keys: Sequence[str], kind: ViewKind) -> str:
        path = ("value", *keys)
        place = " -> ".join(("c.value", *map(literal, path)))
        return (
            f"(SELECT {self.read('c.value', path, kind)} FROM {self._list(holder)} c"  # noqa: S608 - quoted
            f" WHERE {self._is_champ(champ)} AND json_typeof({place}) IN ({self._TYPES[kind]}) LIMIT 1)"
        )

    def join_rows(self, champ: str) -> str:
        return (
            " CROSS JOIN LATERAL json_array_elements((SELECT c.value -> 'rows'"  # noqa: S608 - quoted
            f" FROM {self._list('d.document')} c"
            f" WHERE {self._is_champ(champ)} AND json_typeof(c.value -> 'rows') = 'array' LIMIT 1))"
            " WITH ORDINALITY r(value, place)"
        )

    def _list(self, holder: str) -> str:
        champs = f"{holder} -> 'champs'"
        return f"json_array_elements(CASE json_typeof({champs}) WHEN 'array' THEN {champs} END)"

    def _is_champ(self, champ: str) -> str:
        return f"rtrim(c.value ->> 'id', '=') = {literal(champ)}"

    def tell_time(self, moment: str) -> str:
        return f"date_trunc('second', ({moment}) AT TIME ZONE 'Europe/Paris')"


def _write_path(path: Sequence[str]) -> str:
    keys = "".join(f'."{key}"' for key in path)
    return literal(f"${keys}")
