"""The coordinators' report in figures: what is counted for the programme, for a structure, for a person.

Every figure counts what coordinators declared. None says what their work changed, and none is about money.
Empty rows, and rows repeated within one report, are never counted; the totals say how many there were.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ds_bridge.cra.codes import CODES
from ds_bridge.cra.rules import FIRST_DAY
from ds_bridge.report.declare import (
    Breakdown,
    Declaration,
    Declared,
    Filed,
    Left,
    Listing,
    Quartiles,
    Setting,
)
from ds_bridge.report.figure import Cell
from ds_bridge.report.people import PeopleListing, Reporting
from ds_bridge.report.words import CODES as GENERAL_CODES

_PERSON = ("identite", "identifiant")
_STRUCTURE = ("identite", "structure_identifiant")
_LEFT_ROWS = {
    "empty_row": Left("lignes vides"),
    "duplicate_row": Left("lignes identiques à une autre du même compte rendu"),
}
_PLACE = re.compile(r"\[(\d+)\]\.?")
_SAID = {**GENERAL_CODES, **CODES}
_TARGETS = {"structure": "Structures", "mediateur": "Médiateurs numériques"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a block, and the reason when it does not count."""

    content: Mapping[str, Any]
    left: Left | None


class _Rows:
    """The rows of a block: all of them, or those that count."""

    def __init__(self, block: str, *, all_rows: bool = False) -> None:
        self._block = block
        self._all = all_rows

    def __call__(self, filed: Filed) -> list[_Row]:
        key = (self._block, self._all)
        if key not in filed.kept:
            filed.kept[key] = [row for row in self._read(filed) if self._all or row.left is None]
        kept: list[_Row] = filed.kept[key]
        return kept

    def _read(self, filed: Filed) -> Iterator[_Row]:
        left = {
            anomaly["path"]: _LEFT_ROWS[anomaly["code"]]
            for anomaly in filed.document.get("anomalies") or ()
            if anomaly["code"] in _LEFT_ROWS
        }
        for position, content in enumerate(filed.document.get(self._block) or ()):
            yield _Row(content, left.get(f"{self._block}[{position}]") if left else None)


def _count_rows(row: _Row, filed: Filed) -> Left | tuple[()]:
    del filed
    return row.left or ()


class _One:
    """The row of a single choice."""

    def __init__(self, name: str, missing: str) -> None:
        self._name = name
        self._missing = Left(missing)

    def __call__(self, row: _Row, filed: Filed) -> str | Left:
        del filed
        return row.content.get(self._name) or self._missing


class _Many:
    """The rows of a choice of several."""

    def __init__(self, name: str, missing: str) -> None:
        self._name = name
        self._missing = Left(missing)

    def __call__(self, row: _Row, filed: Filed) -> list[str] | Left:
        del filed
        return row.content.get(self._name) or self._missing


def _month_of_event(row: _Row, filed: Filed) -> str | Left:
    text = row.content.get("date")
    if not text:
        return Left("sans date")
    day = dt.date.fromisoformat(text)
    if day < FIRST_DAY:
        return Left("datés d'avant 2020, quand le dispositif n'existait pas")
    if day > filed.deposited:
        return Left("datés d'après le dépôt du compte rendu")
    return str(text[:7])


def _target(row: _Row) -> str | None:
    target: str | None = row.content.get("cible")
    return target


def _target_row(row: _Row, filed: Filed) -> str | Left:
    del filed
    return _TARGETS.get(row.content.get("cible") or "") or Left("sans bénéficiaire indiqué")


class _Hours:
    """Hours a week of one sort. Hours in which the rules found something wrong are left out."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, filed: Filed) -> float | Left | None:
        hours = (filed.document.get("temps_hebdomadaire") or {}).get(self._name)
        if hours is None:
            return None
        anomalies = filed.document.get("anomalies") or ()
        if any(each["path"].startswith("temps_hebdomadaire") for each in anomalies):
            return Left("durées incohérentes (négatives, de plus de 60 heures, ou dont le détail est faux)")
        return float(hours)


def _list_codes(filed: Filed) -> Iterable[Mapping[str, Any]]:
    return filed.document.get("anomalies") or ()


def _code_row(anomaly: Mapping[str, Any], filed: Filed) -> str:
    del filed
    code: str = anomaly["code"]
    return _SAID.get(code, code)


def _whether_anomalous(filed: Filed, other: Filed) -> str:
    del other
    return "Avec au moins une anomalie" if filed.document.get("anomalies") else "Sans anomalie"


def _list_events(filed: Filed, setting: Setting) -> Iterator[tuple[Cell, ...]]:
    del setting
    for row in _Rows("evenements")(filed):
        content = row.content
        kind = content.get("type_precision") or content.get("type")
        organisers = ", ".join(content.get("organisateurs") or ())
        yield (content.get("date"), content.get("nom"), kind, organisers, filed.number)


def _list_partners(filed: Filed, setting: Setting) -> Iterator[tuple[Cell, ...]]:
    del setting
    for row in _Rows("partenariats")(filed):
        content = row.content
        natures = ", ".join(content.get("natures") or ())
        yield (content.get("nom"), content.get("structure_type"), natures, filed.number)


def _list_supports(filed: Filed, setting: Setting) -> Iterator[tuple[Cell, ...]]:
    del setting
    for row in _Rows("accompagnements")(filed):
        content = row.content
        target = _TARGETS.get(content.get("cible") or "")
        problems, actions = (", ".join(content.get(name) or ()) for name in ("problematiques", "actions"))
        yield (target, content.get("structure_noms"), problems, actions, filed.number)


def _list_hours(filed: Filed, setting: Setting) -> Iterator[tuple[Cell, ...]]:
    del setting
    hours = filed.document.get("temps_hebdomadaire") or {}
    told = tuple(hours.get(name) for name in ("total", "communication", "animation"))
    if any(each is not None for each in told):
        yield (filed.deposited.isoformat(), *told, filed.number)


def _list_anomalies(filed: Filed, setting: Setting) -> Iterator[tuple[Cell, ...]]:
    for anomaly in filed.document.get("anomalies") or ():
        meaning = setting.codes.get(anomaly["code"], anomaly["code"])
        yield (meaning, _write_path(anomaly["path"]), setting.address(filed.number))


def _write_path(path: str) -> str:
    """`accompagnements[7].actions_precision` as `accompagnements, ligne 8 : actions precision`."""
    said = _PLACE.sub(lambda place: f", ligne {int(place[1]) + 1} : ", path).rstrip(" :")
    return said.replace("identite.", "identité : ").replace(".", " : ").replace("_", " ")


_PEOPLE = Reporting(
    id="personnes",
    title="Personnes qui ont déposé, parmi celles qui étaient attendues",
    definition="Nombre de coordinateurs de la liste des postes financés qui ont déposé au moins un compte"
    " rendu ; sans cette liste, nombre d'identifiants différents dans les comptes rendus.",
)
_PEOPLE_BY_MONTH = Reporting(
    id="personnes_par_mois",
    title="Personnes qui ont déposé, mois par mois",
    definition="Nombre de coordinateurs qui ont déposé au moins un compte rendu dans le mois ; une personne"
    " qui dépose plusieurs mois compte dans chacun d'eux.",
    by_month=True,
)
_EVENTS = Breakdown(
    id="evenements",
    title="Événements déclarés",
    definition="Nombre d'événements organisés ou suivis, déclarés dans les comptes rendus de la période.",
    unit="événements",
    items=_Rows("evenements", all_rows=True),
    rows=_count_rows,
    show="value",
)
_PARTNERSHIPS = Breakdown(
    id="partenariats",
    title="Partenariats déclarés",
    definition="Nombre de partenariats déclarés dans les comptes rendus de la période.",
    unit="partenariats",
    items=_Rows("partenariats", all_rows=True),
    rows=_count_rows,
    show="value",
)
_SUPPORTS = Breakdown(
    id="accompagnements",
    title="Accompagnements déclarés",
    definition="Nombre d'accompagnements de structures ou de médiateurs numériques déclarés dans les comptes"
    " rendus de la période.",
    unit="accompagnements",
    items=_Rows("accompagnements", all_rows=True),
    rows=_count_rows,
    show="value",
)
_EVENTS_BY_MONTH = Breakdown(
    id="evenements_par_mois",
    title="Événements déclarés, par mois",
    definition="Nombre d'événements selon le mois de leur premier jour, et non de leur déclaration.",
    unit="événements",
    items=_Rows("evenements"),
    rows=_month_of_event,
    heading="Mois de l'événement",
    order="months",
    show="months",
)
_EVENTS_BY_KIND = Breakdown(
    id="evenements_par_type",
    title="Événements déclarés, par type",
    definition="Nombre d'événements selon le type choisi dans le formulaire.",
    unit="événements",
    items=_Rows("evenements"),
    rows=_One("type", "sans type"),
    heading="Type d'événement",
)
_EVENTS_BY_ORGANISER = Breakdown(
    id="evenements_par_organisateur",
    title="Événements déclarés, par organisateur",
    definition="Nombre d'événements auxquels chaque organisateur a pris part ; un événement de plusieurs"
    " organisateurs compte pour chacun d'eux.",
    unit="événements",
    items=_Rows("evenements"),
    rows=_Many("organisateurs", "sans organisateur"),
    heading="Organisateur",
)
_PARTNERSHIPS_BY_NATURE = Breakdown(
    id="partenariats_par_nature",
    title="Partenariats déclarés, par nature",
    definition="Nombre de partenariats de chaque nature ; un partenariat de plusieurs natures compte pour"
    " chacune d'elles.",
    unit="partenariats",
    items=_Rows("partenariats"),
    rows=_Many("natures", "sans nature"),
    heading="Nature du partenariat",
)
_PARTNERSHIPS_BY_STRUCTURE = Breakdown(
    id="partenariats_par_structure",
    title="Partenariats déclarés, par type de structure partenaire",
    definition="Nombre de partenariats selon le type de la structure partenaire.",
    unit="partenariats",
    items=_Rows("partenariats"),
    rows=_One("structure_type", "sans type de structure"),
    heading="Type de structure",
)
_SUPPORTS_BY_TARGET = Breakdown(
    id="accompagnements_par_cible",
    title="Accompagnements déclarés, par bénéficiaire",
    definition="Nombre d'accompagnements selon qu'ils s'adressent à des structures ou à des médiateurs"
    " numériques.",
    unit="accompagnements",
    items=_Rows("accompagnements"),
    rows=_target_row,
    heading="Bénéficiaire",
)
_SUPPORTS_BY_PROBLEM = Breakdown(
    id="accompagnements_par_problematique",
    title="Accompagnements déclarés, par problématique",
    definition="Nombre d'accompagnements portant sur chaque problématique ; un accompagnement de plusieurs"
    " problématiques compte pour chacune d'elles.",
    unit="accompagnements",
    items=_Rows("accompagnements"),
    rows=_Many("problematiques", "sans problématique"),
    heading="Problématique",
    columns=_TARGETS,
    column=_target,
)
_SUPPORTS_BY_ACTION = Breakdown(
    id="accompagnements_par_action",
    title="Accompagnements déclarés, par action engagée",
    definition="Nombre d'accompagnements ayant donné lieu à chaque action ; un accompagnement de plusieurs"
    " actions compte pour chacune d'elles.",
    unit="accompagnements",
    items=_Rows("accompagnements"),
    rows=_Many("actions", "sans action"),
    heading="Action engagée",
    columns=_TARGETS,
    column=_target,
)
_HOURS = Quartiles(
    id="temps_hebdomadaire",
    title="Temps hebdomadaire consacré à la communication et à l'animation",
    definition="Répartition du nombre d'heures par semaine déclaré dans chaque compte rendu : un quart des"
    " réponses sont au plus égales au premier quartile, la moitié à la médiane, les trois quarts au troisième"
    " quartile.",
    unit="heures par semaine",
    heading="Temps déclaré",
    values={
        "Communication et animation": _Hours("total"),
        "Communication": _Hours("communication"),
        "Animation du réseau": _Hours("animation"),
    },
)
_RELIABLE = Breakdown(
    id="comptes_rendus_avec_anomalie",
    title="Comptes rendus avec et sans anomalie",
    definition="Nombre de comptes rendus selon que le contrôle y relève ou non quelque chose à vérifier.",
    unit="comptes rendus",
    rows=_whether_anomalous,
    heading="Comptes rendus",
    order=("Sans anomalie", "Avec au moins une anomalie"),
    show="table",
)
_ANOMALIES = Breakdown(
    id="anomalies",
    title="Anomalies relevées, par nature",
    definition="Nombre d'anomalies relevées par le contrôle des comptes rendus ; un compte rendu peut en"
    " avoir plusieurs.",
    unit="anomalies",
    items=_list_codes,
    rows=_code_row,
    heading="Anomalie",
)
_EVENT_LIST = Listing(
    id="liste_evenements",
    title="Liste des événements",
    definition="Les événements déclarés dans les comptes rendus de la période.",
    unit="événements",
    columns=("Date", "Événement", "Type", "Organisé par", "Dossier"),
    rows=_list_events,
)
_PARTNER_LIST = Listing(
    id="liste_partenaires",
    title="Liste des partenaires",
    definition="Les partenariats déclarés dans les comptes rendus de la période.",
    unit="partenariats",
    columns=("Partenaire", "Type de structure", "Nature du partenariat", "Dossier"),
    rows=_list_partners,
)
_SUPPORT_LIST = Listing(
    id="liste_accompagnements",
    title="Liste des accompagnements",
    definition="Les accompagnements déclarés dans les comptes rendus de la période.",
    unit="accompagnements",
    columns=("Bénéficiaire", "Structure(s)", "Problématiques", "Actions engagées", "Dossier"),
    rows=_list_supports,
)
_HOUR_LIST = Listing(
    id="liste_temps",
    title="Temps hebdomadaire déclaré, compte rendu par compte rendu",
    definition="Le nombre d'heures par semaine déclaré dans chaque compte rendu, tel que déclaré.",
    unit="comptes rendus",
    columns=("Déposé le", "Ensemble (h)", "Communication (h)", "Animation (h)", "Dossier"),
    rows=_list_hours,
)
_ANOMALY_LIST = Listing(
    id="liste_anomalies",
    title="Points à vérifier ou à corriger",
    definition="Ce que le contrôle a relevé dans les comptes rendus de la période, et l'adresse du dossier.",
    unit="anomalies",
    columns=("Anomalie", "Où", "Adresse du dossier"),
    rows=_list_anomalies,
)
_TOTALS = Declaration("Activité déclarée", (_EVENTS, _PARTNERSHIPS, _SUPPORTS))

FIGURES = Declared(
    title="Compte rendu d'activité des conseillers numériques coordinateurs",
    programme=(
        Declaration("Personnes", (_PEOPLE, _PEOPLE_BY_MONTH)),
        _TOTALS,
        Declaration("Événements", (_EVENTS_BY_MONTH, _EVENTS_BY_KIND, _EVENTS_BY_ORGANISER)),
        Declaration("Partenariats", (_PARTNERSHIPS_BY_NATURE, _PARTNERSHIPS_BY_STRUCTURE)),
        Declaration("Accompagnements", (_SUPPORTS_BY_TARGET, _SUPPORTS_BY_PROBLEM, _SUPPORTS_BY_ACTION)),
        Declaration("Temps de communication et d'animation", (_HOURS,)),
        Declaration("Fiabilité des déclarations", (_RELIABLE, _ANOMALIES)),
    ),
    structures=(
        Declaration(
            "Personnes",
            (
                _PEOPLE,
                PeopleListing(
                    id="liste_personnes",
                    title="Coordinateurs de la structure",
                    definition="Les coordinateurs de la liste des postes financés, et ceux dont un compte"
                    " rendu nomme la structure ; ceux qui n'ont rien déposé viennent en premier.",
                ),
            ),
        ),
        _TOTALS,
        Declaration("Partenaires", (_PARTNER_LIST,)),
        Declaration("Temps de communication et d'animation", (_HOURS, _HOUR_LIST)),
        Declaration("À vérifier ou à corriger", (_ANOMALY_LIST,)),
    ),
    personnes=(
        _TOTALS,
        Declaration("Événements", (_EVENTS_BY_MONTH, _EVENT_LIST)),
        Declaration("Partenariats", (_PARTNER_LIST,)),
        Declaration("Accompagnements", (_SUPPORT_LIST,)),
        Declaration("Temps de communication et d'animation", (_HOUR_LIST,)),
        Declaration("À vérifier ou à corriger", (_ANOMALY_LIST,)),
    ),
    person=_PERSON,
    person_name=(("identite", "prenom"), ("identite", "nom")),
    structure=_STRUCTURE,
    structure_name=(("identite", "structure_nom"),),
    codes=CODES,
    left_states={"refuse": "refusés par l'administration", "sans_suite": "classés sans suite"},
)
"""The report that `CompteRendu` names."""
