"""Rules of the activity report: they find what is inconsistent in a report, and give anomalies.

The programme attests the use of public money with these reports, so a contradiction matters as much as the
numbers. Only a report that cannot be tied to a person has an `error`; everything else is a `warning`, for
someone to look at. No message repeats what a person typed.

| code | severity | meaning |
|---|---|---|
| missing_identifier | error | no identifiant conseiller numérique: the report belongs to nobody |
| invalid_identifier | error | an identifiant conseiller numérique that is zero or negative |
| missing_identity | warning | nom, prénom, nom or identifiant of the structure is empty |
| invalid_structure_identifier | warning | an identifiant of the structure that is zero or negative |
| invalid_email | warning | a text that is no e-mail address (or no text at all) |
| choice_says_none | warning | "n'ai pas…" was chosen and the block holds rows |
| choice_says_some | warning | "souhaite…" was chosen and the block holds none |
| empty_row | warning | a row in which nothing is filled |
| duplicate_row | warning | a row identical to an earlier one |
| date_after_deposit | warning | an event dated after the deposit of its report |
| date_before_programme | warning | an event before 2020, when the programme did not exist |
| missing_precision | warning | "Autre" without its precision |
| missing_detail | warning | a syndicat mixte or a consortium without the composition that was asked |
| missing_mediateur | warning | a médiateur is supported, and no name is given |
| negative_hours | warning | negative hours a week |
| excessive_hours | warning | more than 60 hours a week |
| split_mismatch | warning | communication and animation do not add up to the total |
| split_incomplete | warning | a split was announced and a part of it is missing |
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from ds_bridge.cra.models import Declared
from ds_bridge.mapping.anomalies import Anomaly, Code
from ds_bridge.mapping.fields import Context, DomainModel, Rule
from ds_bridge.mapping.labels import normalise

FIRST_DAY = dt.date(2020, 1, 1)
HOURS_A_WEEK = 60

MISSING_IDENTIFIER = Code(
    "missing_identifier", "error", "no identifiant conseiller numérique: the report belongs to nobody"
)
INVALID_IDENTIFIER = Code(
    "invalid_identifier", "error", "an identifiant conseiller numérique that is zero or negative"
)
MISSING_IDENTITY = Code(
    "missing_identity", "warning", "nom, prénom, nom or identifiant of the structure is empty"
)
INVALID_STRUCTURE_IDENTIFIER = Code(
    "invalid_structure_identifier", "warning", "an identifiant of the structure that is zero or negative"
)
INVALID_EMAIL = Code("invalid_email", "warning", "a text that is no e-mail address (or no text at all)")
CHOICE_SAYS_NONE = Code("choice_says_none", "warning", '"n\'ai pas…" was chosen and the block holds rows')
CHOICE_SAYS_SOME = Code("choice_says_some", "warning", '"souhaite…" was chosen and the block holds none')
EMPTY_ROW = Code("empty_row", "warning", "a row in which nothing is filled")
DUPLICATE_ROW = Code("duplicate_row", "warning", "a row identical to an earlier one")
DATE_AFTER_DEPOSIT = Code("date_after_deposit", "warning", "an event dated after the deposit of its report")
DATE_BEFORE_PROGRAMME = Code(
    "date_before_programme", "warning", "an event before 2020, when the programme did not exist"
)
MISSING_PRECISION = Code("missing_precision", "warning", '"Autre" without its precision')
MISSING_DETAIL = Code(
    "missing_detail", "warning", "a syndicat mixte or a consortium without the composition that was asked"
)
MISSING_MEDIATEUR = Code("missing_mediateur", "warning", "a médiateur is supported, and no name is given")
NEGATIVE_HOURS = Code("negative_hours", "warning", "negative hours a week")
EXCESSIVE_HOURS = Code("excessive_hours", "warning", f"more than {HOURS_A_WEEK} hours a week")
SPLIT_MISMATCH = Code("split_mismatch", "warning", "communication and animation do not add up to the total")
SPLIT_INCOMPLETE = Code("split_incomplete", "warning", "a split was announced and a part of it is missing")

CODES: tuple[Code, ...] = (
    MISSING_IDENTIFIER,
    INVALID_IDENTIFIER,
    MISSING_IDENTITY,
    INVALID_STRUCTURE_IDENTIFIER,
    INVALID_EMAIL,
    CHOICE_SAYS_NONE,
    CHOICE_SAYS_SOME,
    EMPTY_ROW,
    DUPLICATE_ROW,
    DATE_AFTER_DEPOSIT,
    DATE_BEFORE_PROGRAMME,
    MISSING_PRECISION,
    MISSING_DETAIL,
    MISSING_MEDIATEUR,
    NEGATIVE_HOURS,
    EXCESSIVE_HOURS,
    SPLIT_MISMATCH,
    SPLIT_INCOMPLETE,
)

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(?:\.[^@\s<>,;\".]+)+")
_AUTRE = normalise("Autre")
_DETAILED = (normalise("Un syndicat mixte"), normalise("Un consortium"))


def check_identite(report: Declared, context: Context) -> Iterator[Anomaly]:
    """Who reports, and for which structure."""
    del context
    identite = report.identite
    if identite.identifiant is None:
        yield MISSING_IDENTIFIER.at("identite.identifiant", "no identifiant conseiller numérique")
    elif identite.identifiant <= 0:
        yield INVALID_IDENTIFIER.at("identite.identifiant", "the identifiant is not a positive number")
    for name in ("nom", "prenom", "structure_nom", "structure_identifiant"):
        if getattr(identite, name) is None:
            yield MISSING_IDENTITY.at(f"identite.{name}", f"{name} is empty")
    if identite.structure_identifiant is not None and identite.structure_identifiant <= 0:
        yield INVALID_STRUCTURE_IDENTIFIER.at(
            "identite.structure_identifiant", "the identifiant of the structure is not a positive number"
        )
    if identite.email is None:
        yield INVALID_EMAIL.at("identite.email", "no e-mail address")
    elif not _EMAIL.fullmatch(identite.email.strip()):
        yield INVALID_EMAIL.at("identite.email", "not an e-mail address")


def check_choices(report: Declared, context: Context) -> Iterator[Anomaly]:
    """The choices of a coordinator, compared with the rows they filled. Empty rows do not count."""
    del context
    blocks: tuple[tuple[str, str | None, tuple[DomainModel, ...]], ...] = (
        ("evenements", report.evenements_choix, report.evenements),
        ("partenariats", report.partenariats_choix, report.partenariats),
        ("accompagnements", report.accompagnements_choix, report.accompagnements),
    )
    for name, choice, rows in blocks:
        filled = sum(not _is_empty(row) for row in rows)
        says = normalise(choice) if choice else ""
        if says.startswith("n'ai pas") and filled:
            yield CHOICE_SAYS_NONE.at(name, f"none announced, {filled} filled")
        elif says.startswith("souhaite") and not filled:
            yield CHOICE_SAYS_SOME.at(name, "at least one announced, none filled")


def check_rows(report: Declared, context: Context) -> Iterator[Anomaly]:
    """Rows that are empty, or repeat another row."""
    del context
    blocks: tuple[tuple[str, tuple[DomainModel, ...]], ...] = (
        ("evenements", report.evenements),
        ("partenariats", report.partenariats),
        ("accompagnements", report.accompagnements),
    )
    for name, rows in blocks:
        first: dict[DomainModel, int] = {}
        for position, row in enumerate(rows):
            path = f"{name}[{position}]"
            if _is_empty(row):
                yield EMPTY_ROW.at(path, "nothing is filled in this row")
            elif (earlier := first.setdefault(row, position)) != position:
                yield DUPLICATE_ROW.at(path, f"identical to {name}[{earlier}]")


def check_dates(report: Declared, context: Context) -> Iterator[Anomaly]:
    """Events take place after 2020, and a report tells only of events that have begun."""
    del context
    deposited = report.dossier.date_depot.date()
    for position, evenement in enumerate(report.evenements):
        path = f"evenements[{position}].date"
        if evenement.date is None:
            continue
        if evenement.date > deposited:
            yield DATE_AFTER_DEPOSIT.at(path, f"after the deposit of {deposited.isoformat()}")
        elif evenement.date < FIRST_DAY:
            yield DATE_BEFORE_PROGRAMME.at(path, f"before {FIRST_DAY.year}")


def check_precisions(report: Declared, context: Context) -> Iterator[Anomaly]:
    """Precisions that the form asks for. A precision that this form does not ask for is not missed."""
    for position, evenement in enumerate(report.evenements):
        path = f"evenements[{position}]."
        kept = (evenement.type,) if evenement.type else ()
        yield from _want_precision("evenements", path, "type", kept, evenement.type_precision, context)
        yield from _want_detail(
            "evenements",
            path,
            "organisateurs",
            evenement.organisateurs,
            evenement.organisateurs_detail,
            context,
        )
    for position, partenariat in enumerate(report.partenariats):
        path = f"partenariats[{position}]."
        yield from _want_precision(
            "partenariats", path, "natures", partenariat.natures, partenariat.natures_precision, context
        )
        kinds = (partenariat.structure_type,) if partenariat.structure_type else ()
        yield from _want_detail(
            "partenariats", path, "structure", kinds, partenariat.structure_detail, context
        )
    for position, row in enumerate(report.accompagnements):
        path = f"accompagnements[{position}]."
        for name, chosen, precision in (
            ("problematiques", row.problematiques, row.problematiques_precision),
            ("actions", row.actions, row.actions_precision),
        ):
            yield from _want_precision("accompagnements", path, name, chosen, precision, context)
        if row.cible == "mediateur" and row.mediateur_noms is None:
            yield MISSING_MEDIATEUR.at(f"{path}mediateur_noms", "no médiateur is named")


def check_hours(report: Declared, context: Context) -> Iterator[Anomaly]:
    """Hours a week: they must be possible, and add up."""
    temps = report.temps_hebdomadaire
    for name in ("total", "communication", "animation"):
        hours: int | None = getattr(temps, name)
        if hours is not None and hours < 0:
            yield NEGATIVE_HOURS.at(f"temps_hebdomadaire.{name}", "a negative number of hours")
        elif hours is not None and hours > HOURS_A_WEEK:
            yield EXCESSIVE_HOURS.at(f"temps_hebdomadaire.{name}", f"over {HOURS_A_WEEK} hours a week")
    parts = [part for part in (temps.communication, temps.animation) if part is not None]
    both = len(parts) == 2
    wrong = temps.total is not None and (
        sum(parts) != temps.total if both else sum(parts) > max(temps.total, 0)
    )
    if wrong:
        yield SPLIT_MISMATCH.at("temps_hebdomadaire", "communication and animation are not the total")
    asked = {"temps_communication", "temps_animation"} <= context.asked
    if asked and not both and (parts or report.temps_reparti):
        yield SPLIT_INCOMPLETE.at("temps_hebdomadaire", "a part of the split is missing")


def _want_precision(
    block: str, path: str, name: str, chosen: tuple[str, ...], precision: str | None, context: Context
) -> Iterator[Anomaly]:
    field = f"{name}_precision"
    if precision is None and f"{block}.{field}" in context.asked and _AUTRE in map(normalise, chosen):
        yield MISSING_PRECISION.at(path + field, f'"Autre" in {name} without its precision')


def _want_detail(
    block: str, path: str, name: str, chosen: tuple[str, ...], detail: str | None, context: Context
) -> Iterator[Anomaly]:
    field = f"{name}_detail"
    if detail is not None or f"{block}.{field}" not in context.asked:
        return
    # Only the option that asks for the composition: with older wordings there was no champ for it.
    if any(option.startswith(_DETAILED) and "preciser" in option for option in map(normalise, chosen)):
        yield MISSING_DETAIL.at(path + field, "a syndicat mixte or a consortium without its composition")


def _is_empty(row: DomainModel) -> bool:
    """Whether nothing is filled except the sort of the row."""
    for name, value in vars(row).items():
        if value is not None and value != () and name != "cible":
            return False
    return True


RULES: tuple[Rule, ...] = (
    check_identite,
    check_choices,
    check_rows,
    check_dates,
    check_precisions,
    check_hours,
)
