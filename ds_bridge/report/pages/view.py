"""View: turns a report into the texts that HTML and PDF share, JSON-ready.

The templates only place these texts; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ds_bridge.log import show_line
from ds_bridge.report.contents import Contents
from ds_bridge.report.figure import Figure, LeftOut, Table
from ds_bridge.report.pages.method import write_method
from ds_bridge.report.pages.wording import NOT_TOLD, NOTHING, write_cell, write_moment, write_number

MOST_ROWS = 40
MOST_LISTED = 200
PLOTTED = 15
_WHOM = {
    "programme": "Programme",
    "structure": "Structure",
    "personne": "Coordinateur ou coordinatrice",
}


def make_view(report: Contents) -> dict[str, Any]:
    """All texts of a page. Texts that people typed are cleaned: no control character is left in them."""
    shown: dict[str, Any] = change_texts(_gather(report), show_line)
    return shown


def change_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON-ready value with every text of it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: change_texts(each, change) for key, each in value.items()}
    return [change_texts(each, change) for each in value] if isinstance(value, list | tuple) else value


def _gather(report: Contents) -> dict[str, Any]:
    return {
        "title": report.title,
        "heading": f"{report.title} : {_name(report)}, {report.period.label}",
        "missing": _missing(report),
        "personal": report.audience == "personne",
        "facts": list(_list_facts(report)),
        "notes": list(report.notes),
        "summary": _summarise(report),
        "left_out": _gather_left(report),
        "chapters": [
            {"id": f"chapitre-{place}", "title": chapter.title, "figures": shown}
            for place, chapter in enumerate(report.chapters, start=1)
            if (shown := [_show(each, report) for each in chapter.figures if not _is_short(each, report)])
        ],
        "method": write_method(report),
        "period": report.period.label,
        "before": report.before.label,
    }


def has_plot(figure: Figure) -> bool:
    """Whether there is something to draw."""
    if figure.show not in ("bars", "months") or figure.table is None:
        return False
    return any(isinstance(cell, int | float) and cell > 0 for row in figure.table.rows for cell in row[1:])


def _is_short(figure: Figure, report: Contents) -> bool:
    """Whether the summary is enough for the figure: in a person's report, which has two pages."""
    return report.audience == "personne" and (figure.show == "value" or figure.id == "depots")


def _gather_left(report: Contents) -> list[str]:
    """What is left out by the figures that only the summary shows."""
    return [
        f"{figure.title.split(', ')[0]}, {_write_left(each, _missing(report))}"
        for figure in report.figures.values()
        if _is_short(figure, report)
        for each in figure.left_out
        if each.count or each.before
    ]


def _name(report: Contents) -> str:
    if report.audience == "programme":
        return "ensemble du programme"
    known = report.subject or f"identifiant {report.identifiant}"
    return f"{_WHOM[report.audience].lower()} {known}" if report.audience == "structure" else known


def _list_facts(report: Contents) -> Iterator[tuple[str, str]]:
    if report.audience != "programme":
        subject = f"{report.subject} " if report.subject else ""
        yield _WHOM[report.audience], f"{subject}(identifiant {report.identifiant})"
    yield "Période", f"dossiers déposés en {report.period.label}".replace("en du", "du")
    yield "Comparée à", report.before.label
    yield "Données au", write_moment(report.as_of) if report.as_of else "collecte jamais terminée"
    if report.public:
        yield "Version", "publique : les nombres qui concernent moins de cinq personnes n'y sont pas"


def _summarise(report: Contents) -> list[dict[str, str]]:
    """The first numbers of the page: deposits, people, figures with one number, and medians."""
    missing = _missing(report)
    cards = []
    for figure in report.figures.values():
        median = figure.table is not None and "Médiane" in figure.table.columns
        if figure.show == "value" or figure.id in ("depots", "personnes") or median:
            cards.append(
                {
                    "label": figure.title.split(", ")[0],
                    "unit": f"{figure.unit}, médiane" if median else figure.unit,
                    "value": write_number(figure.value, missing),
                    "before": f"{report.before.label} : {write_number(figure.before, missing)}",
                    "earlier": write_number(figure.before, missing),
                }
            )
    return cards


def _missing(report: Contents) -> str:
    return NOT_TOLD if report.public else NOTHING


def _show(figure: Figure, report: Contents) -> dict[str, Any]:
    missing = _missing(report)
    listed = figure.show == "list"
    return {
        "id": figure.id,
        "title": figure.title,
        "definition": "" if listed and report.audience == "personne" else figure.definition,
        "headline": "" if listed else _write_headline(figure, report),
        "plot": has_plot(figure),
        "cut": _say_cut(figure),
        "alternative": _describe_plot(figure, report),
        "table": _show_table(figure, missing) if figure.table else None,
        "empty": _say_empty(figure),
        "left_out": [_write_left(each, missing) for each in figure.left_out if each.count or each.before],
        "suppressed": _say_suppressed(figure, report),
        "trace": "" if report.public or report.audience == "personne" else _write_trace(figure),
        "note": figure.note or "",
    }


def _write_headline(figure: Figure, report: Contents) -> str:
    missing = _missing(report)
    now, before = write_number(figure.value, missing), write_number(figure.before, missing)
    median = figure.table is not None and "Médiane" in figure.table.columns
    what = f"Médiane, en {figure.unit}" if median else figure.unit.capitalize()
    return f"{what} : {now} ({report.before.label} : {before})"


def _show_table(figure: Figure, missing: str) -> dict[str, Any] | None:
    table = figure.table
    if table is None or not table.rows:
        return None
    listed = figure.show == "list"
    most = MOST_LISTED if listed else MOST_ROWS
    rows = [[write_cell(cell, missing, plain=listed) for cell in row] for row in table.rows[:most]]
    more = len(table.rows) - most
    return {
        "columns": list(table.columns),
        "numeric": [not listed and place > 0 for place in range(len(table.columns))],
        "wide": len(table.columns) > 3,
        "rows": rows,
        "more": f"Et {write_number(more)} autres lignes, dans le fichier report.json." if more > 0 else "",
    }


def _say_empty(figure: Figure) -> str:
    if figure.show == "value" or (figure.table is not None and figure.table.rows):
        return ""
    return "Aucune ligne pour la période."


def _write_left(left: LeftOut, missing: str) -> str:
    count, before = write_number(left.count, missing), write_number(left.before, missing)
    return f"{left.reason} : {count} (période précédente : {before})"


def _say_cut(figure: Figure) -> str:
    rows = len(figure.table.rows) if figure.table and figure.show == "bars" else 0
    return f"Les {PLOTTED} premières lignes du tableau." if rows > PLOTTED else ""


def _say_suppressed(figure: Figure, report: Contents) -> str:
    if not (report.public and figure.table is not None and figure.table.suppressed):
        return ""
    return f"Lignes non diffusées : {figure.table.suppressed}."


def _write_trace(figure: Figure) -> str:
    now, before = len(figure.dossiers), len(figure.dossiers_before)
    return (
        f"Dossiers à l'origine de ce chiffre : {write_number(now)} (période précédente :"
        f" {write_number(before)}) ; leurs numéros sont dans report.json."
    )


def _describe_plot(figure: Figure, report: Contents) -> str:
    """The text for readers without the plot: what it shows, its largest rows, where all the numbers are."""
    table = figure.table
    if table is None or not has_plot(figure):
        return ""
    told = _pick_rows(table)
    kind = "Barres horizontales" if figure.show == "bars" else "Barres verticales, mois par mois"
    rows = " ; ".join(f"{name} : {write_number(value)}" for name, value in told)
    return (
        f"{kind}. {figure.title}, {report.period.label} et {report.before.label}."
        f" Valeurs les plus élevées en {report.period.label} : {rows}."
        " Le tableau qui suit donne tous les nombres."
    ).replace("en du", "du")


def _pick_rows(table: Table) -> list[tuple[str, float]]:
    place = max(len(table.columns) - 2, 1)
    valued = [
        (str(row[0]), value)
        for row in table.rows
        if isinstance(value := row[place], int | float) and value > 0
    ]
    return sorted(valued, key=lambda each: -each[1])[:3]
