"""General: declares the report of a démarche without figures of its own: what fits any form.

Takes what the dump's layout knows of the form. Gives the declaration of these figures: dossiers by month and
state, delays, answers of each list, spread of each number, how complete dossiers are, and anomalies.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ds_bridge.report.declare import Breakdown, Declaration, Declared, Declaring, Filed, Left, Quartiles
from ds_bridge.report.words import CODES
from ds_bridge.tables import Described
from ds_bridge.tables.columns import Column, Table, unique_name
from ds_bridge.tables.layout import ANOMALIES, DOSSIERS, Cells, Facts, Layout

STATES = {
    "en_construction": "En construction",
    "en_instruction": "En instruction",
    "accepte": "Accepté",
    "refuse": "Refusé",
    "sans_suite": "Classé sans suite",
}
_CHOICES = frozenset({"drop_down_list", "multiple_drop_down_list", "linked_drop_down_list", "civilite"})
_TICKED = frozenset({"yes_no", "checkbox"})
_NUMBERS = frozenset({"integer_number", "decimal_number", "number"})
_SECONDS_A_DAY = 86_400
_NO_ANSWER = Left("sans réponse")


def declare_general(described: Described) -> Declared:
    """The figures of a form."""
    reader = _Reader(described.layout())
    answers, numbers = list(_declare_answers(reader)), list(_declare_numbers(reader))
    chapters = [
        Declaration("Instruction", (_BY_STATE, _DELAYS)),
        *([Declaration("Réponses aux listes", tuple(answers))] if answers else []),
        *([Declaration("Nombres", tuple(numbers))] if numbers else []),
        Declaration("Fiabilité des dossiers", (_declare_complete(reader), _ANOMALIES)),
    ]
    return Declared(title=described.title, programme=tuple(chapters))


class _Reader:
    """A dossier's cells by table. Keeps those of the last dossier, because many figures read each dossier."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._number: int | None = None
        self._rows: dict[str, list[Cells]] = {}
        self.tables: tuple[Table, ...] = tuple(table for table in layout.tables if table.name != ANOMALIES)

    def rows(self, table: str, filed: Filed) -> list[Cells]:
        """The dossier's rows in a table. Raises ConfigurationError for a document of another model."""
        if self._number != filed.number:
            self._rows = {}
            facts = Facts(filed.number, valid=True, row_ids={})
            for name, cells in self._layout.split(filed.document, facts):
                self._rows.setdefault(name, []).append(cells)
            self._number = filed.number
        return self._rows.get(table, [])

    def champs(self) -> Iterable[tuple[Table, Column, str]]:
        """The columns that come from champs, with their labels."""
        for table in self.tables:
            taken: set[str] = set()
            for column in table.columns:
                if column.origins:
                    label = column.origins[0].label or column.name
                    yield table, column, unique_name(label, taken).replace("_", " ").strip()


def _name(table: Table, column: Column) -> str:
    return column.name if table.name == DOSSIERS else f"{table.name}_{column.name}"


def _kinds(column: Column) -> set[str]:
    return {origin.kind for origin in column.origins}


def _declare_answers(reader: _Reader) -> Iterable[Declaring]:
    for table, column, label in reader.champs():
        if not (_kinds(column) & (_CHOICES | _TICKED)) or column.kind not in ("text", "boolean"):
            continue
        several = " ; une réponse de plusieurs choix compte pour chacun d'eux" if column.many else ""
        yield Breakdown(
            id=f"reponses_{_name(table, column)}",
            title=f"Réponses : {label}",
            definition=f"Nombre de réponses de chaque sorte à cette question{several}.",
            unit="réponses",
            items=partial(reader.rows, table.name),
            rows=_Answer(column.name),
            heading="Réponse",
        )


class _Answer:
    """The rows of one answer."""

    def __init__(self, column: str) -> None:
        self._column = column

    def __call__(self, cells: Cells, filed: Filed) -> str | list[str] | Left:
        del filed
        value = cells.get(self._column)
        if isinstance(value, bool):
            return "Oui" if value else "Non"
        return value or _NO_ANSWER


def _declare_numbers(reader: _Reader) -> Iterable[Declaring]:
    for table in reader.tables:
        values = {
            label: _NumberOf(reader, table.name, column.name)
            for of, column, label in reader.champs()
            if of is table and _kinds(column) & _NUMBERS and column.kind in ("integer", "decimal")
        }
        if values and table.name == DOSSIERS:
            yield Quartiles(
                id="nombres",
                title="Nombres saisis",
                definition="Répartition des nombres saisis dans les dossiers : un quart des réponses sont au"
                " plus égales au premier quartile, la moitié à la médiane, les trois quarts au troisième"
                " quartile.",
                unit="selon la question",
                heading="Question",
                values=values,
            )


class _NumberOf:
    """A dossier's number in a column."""

    def __init__(self, reader: _Reader, table: str, column: str) -> None:
        self._reader = reader
        self._place = (table, column)

    def __call__(self, filed: Filed) -> float | None:
        table, column = self._place
        rows = self._reader.rows(table, filed)
        value = rows[0].get(column) if rows else None
        return None if value is None else float(value)


def _declare_complete(reader: _Reader) -> Breakdown:
    labels = {column.name: label for table, column, label in reader.champs() if table.name == DOSSIERS}

    def list_filled(cells: Cells, filed: Filed) -> list[str]:
        del filed
        return [label for name, label in labels.items() if cells.get(name) not in (None, "", [])]

    return Breakdown(
        id="champs_remplis",
        title="Champs remplis",
        definition="Nombre de dossiers dans lesquels chaque champ est rempli ; les champs des blocs"
        " répétables n'y sont pas.",
        unit="dossiers",
        items=partial(reader.rows, DOSSIERS),
        rows=list_filled,
        heading="Champ",
        order=tuple(labels.values()),
        show="table",
    )


def _header(filed: Filed) -> Mapping[str, Any]:
    header = filed.document.get("dossier")
    return header if isinstance(header, dict) else {}


def _state_row(item: Filed, filed: Filed) -> str | Left:
    del item
    state = _header(filed).get("state")
    return STATES.get(str(state), str(state)) if state else Left("sans état connu")


def _days_until(filed: Filed, moment: str | None) -> float | None:
    start = _header(filed).get("date_depot")
    if not (start and moment):
        return None
    between = dt.datetime.fromisoformat(moment) - dt.datetime.fromisoformat(start)
    return between.total_seconds() / _SECONDS_A_DAY


def _days_until_instruction(filed: Filed) -> float | None:
    taken = [
        each["date_traitement"]
        for each in filed.document.get("traitements") or ()
        if each.get("event") == "passe_en_instruction"
    ]
    return _days_until(filed, min(taken)) if taken else None


def _days_until_decision(filed: Filed) -> float | None:
    return _days_until(filed, _header(filed).get("date_traitement"))


def _list_anomalies(filed: Filed) -> Iterable[Mapping[str, Any]]:
    return filed.document.get("anomalies") or ()


def _code_row(anomaly: Mapping[str, Any], filed: Filed) -> str:
    del filed
    code: str = anomaly["code"]
    return CODES.get(code, code)


_BY_STATE = Breakdown(
    id="dossiers_par_etat",
    title="Dossiers déposés, par état",
    definition="Nombre de dossiers déposés dans la période, selon leur état à la date des données.",
    unit="dossiers",
    rows=_state_row,
    heading="État",
    order=tuple(STATES.values()),
)
_DELAYS = Quartiles(
    id="delais",
    title="Délais d'instruction et de décision",
    definition="Nombre de jours entre le dépôt et le passage en instruction, et entre le dépôt et la"
    " décision, pour les dossiers qui y sont parvenus. Le passage en instruction n'est connu que si la"
    " démarche demande ses traitements à la plateforme.",
    unit="jours",
    heading="Délai depuis le dépôt",
    values={"Décision": _days_until_decision, "Passage en instruction": _days_until_instruction},
)
_ANOMALIES = Breakdown(
    id="anomalies",
    title="Anomalies relevées, par nature",
    definition="Nombre d'anomalies relevées à la lecture des dossiers ; un dossier peut en avoir plusieurs.",
    unit="anomalies",
    items=_list_anomalies,
    rows=_code_row,
    heading="Anomalie",
)
