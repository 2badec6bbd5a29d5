"""Kinds of champs: which ones can feed a Python type. Takes an annotation, gives accepted kinds.

Kinds are the form's (`Field.kind`). A field takes more kinds from an older revision, when it can still read
the value: a number that was typed as text, a single choice that became several. One type on the wire
(`__typename`) may serve several kinds, and an identity document never comes with the type of files.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ds_bridge.api import champs, registers
from ds_bridge.mapping.fields import PieceJointe

BLOCK = frozenset({"repetition"})

_TICKED = frozenset({"checkbox", "yes_no", "titre_identite"})
_WRITTEN = frozenset(
    {"text", "textarea", "formatted", "expression_reguliere", "email", "phone", "iban", "annuaire_education"}
    | {"cojo", "cnaf", "dgfip", "pole_emploi", "mesri", "quotient_familial"}  # told as text by the API
    | {"aah", "aeeh", "ars", "etudiant_boursier", "pre_rempli"}  # since 2026
)
_CHOSEN = frozenset({"drop_down_list", "civilite", "referentiel"})
_TEXT = _WRITTEN | _CHOSEN
_WHOLE = frozenset({"integer_number", "number"})
_NUMBER = _WHOLE | {"decimal_number"}
_FILES = frozenset({"piece_justificative"})
_SEVERAL = frozenset({"multiple_drop_down_list", "drop_down_list"})

_BY_TYPE: tuple[tuple[type, frozenset[str], frozenset[str]], ...] = (
    # type, kinds on the active form, kinds an older revision may have had; the first that fits counts
    (bool, _TICKED | _FILES, _TICKED | _FILES),  # the form describes an identity document as files
    (int, _WHOLE | {"dossier_link"}, _NUMBER | _WRITTEN | {"dossier_link"}),
    (float, _NUMBER, _NUMBER | _WRITTEN),
    (Decimal, _NUMBER, _NUMBER | _WRITTEN),
    (dt.datetime, frozenset({"datetime"}), frozenset({"datetime", "date"})),
    (dt.date, frozenset({"date"}), frozenset({"date", "datetime"})),
    (str, _TEXT, _TEXT | _SEVERAL),
    (Enum, _TEXT, _TEXT | _SEVERAL),
    (registers.Address, frozenset({"address"}), frozenset({"address"})),
    (registers.Commune, frozenset({"commune"}), frozenset({"commune"})),
    (
        registers.Named,
        frozenset({"departement", "region", "pays", "epci"}),
        frozenset({"departement", "region", "pays", "epci", "commune"}),
    ),
    (registers.PersonneMorale, frozenset({"siret"}), frozenset({"siret"})),
    (registers.Rna, frozenset({"rna", "rnf"}), frozenset({"rna", "rnf"})),
    (PieceJointe, _FILES, _FILES | {"titre_identite"}),
    (champs.EngagementJuridique, frozenset({"engagement_juridique"}), frozenset({"engagement_juridique"})),
)
_BY_ITEM: tuple[tuple[type, frozenset[str], frozenset[str]], ...] = (
    (str, _SEVERAL | {"linked_drop_down_list"}, _SEVERAL | _TEXT),
    (Enum, _SEVERAL, _SEVERAL | _TEXT),
    (champs.GeoArea, frozenset({"carte"}), frozenset({"carte"})),
    (PieceJointe, _FILES, _FILES | {"titre_identite"}),
)


_HOLDS_MANY = _FILES | {"carte", "multiple_drop_down_list", "linked_drop_down_list"}


_DELIVERED: dict[str, frozenset[str]] = {
    "CheckboxChamp": frozenset({"checkbox"}),
    "YesNoChamp": frozenset({"yes_no"}),
    "TitreIdentiteChamp": frozenset({"titre_identite", "piece_justificative"}),
    "PieceJustificativeChamp": _FILES,
    "IntegerNumberChamp": _WHOLE,
    "DecimalNumberChamp": frozenset({"decimal_number"}),
    "DateChamp": frozenset({"date"}),
    "DatetimeChamp": frozenset({"datetime"}),
    "DropDownListChamp": frozenset({"drop_down_list", "referentiel"}),
    "MultipleDropDownListChamp": frozenset({"multiple_drop_down_list"}),
    "LinkedDropDownListChamp": frozenset({"linked_drop_down_list"}),
    "CiviliteChamp": frozenset({"civilite"}),
    "AddressChamp": frozenset({"address"}),
    "CommuneChamp": frozenset({"commune"}),
    "DepartementChamp": frozenset({"departement"}),
    "RegionChamp": frozenset({"region"}),
    "PaysChamp": frozenset({"pays"}),
    "EpciChamp": frozenset({"epci"}),
    "SiretChamp": frozenset({"siret"}),
    "RNAChamp": frozenset({"rna"}),
    "RNFChamp": frozenset({"rnf"}),
    "DossierLinkChamp": frozenset({"dossier_link"}),
    "CarteChamp": frozenset({"carte"}),
    "EngagementJuridiqueChamp": frozenset({"engagement_juridique"}),
    "RepetitionChamp": BLOCK,
    "HeaderSectionChamp": frozenset({"header_section"}),
    "ExplicationChamp": frozenset({"explication"}),
}


def is_delivered(typename: str, kinds: frozenset[str]) -> bool:
    """Whether a champ of one of these kinds may come as this type. All other kinds come as text."""
    told = _DELIVERED.get(typename)
    if told is None:
        return bool(kinds.difference(*_DELIVERED.values()) or "referentiel" in kinds)
    return not told.isdisjoint(kinds)


def accepted_kinds(annotation: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Kinds a field of this type takes on the active form, and on an older revision. Empty: any kind."""
    table = _BY_TYPE if item_type(bare_type(annotation)) is None else _BY_ITEM
    found = [_find_kinds(part, table) for part in _held_types(annotation)]
    if not all(now for now, _ in found):
        return frozenset(), frozenset()
    return frozenset().union(*(now for now, _ in found)), frozenset().union(*(old for _, old in found))


def told_instead(annotation: Any) -> Literal["files", "tick"] | None:
    """Whether a field of this type holds `files`, or the `tick` that comes in place of an identity document.

    None when the type holds both or neither.
    """
    held = _held_types(annotation)
    if (PieceJointe in held) == (bool in held):
        return None
    return "files" if PieceJointe in held else "tick"


def _held_types(annotation: Any) -> list[type | None]:
    """The types that a field may hold, alone or in a list; None for anything that is no class."""
    bare = bare_type(annotation)
    item = item_type(bare)
    wanted = bare if item is None else bare_type(item)
    parts = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    return [_python_type(part) for part in parts if part is not type(None)]


def natural_type(kind: str) -> Any:
    """The annotation of a field for champs of this kind; Any for a kind that this version does not know."""
    if kind in _HOLDS_MANY:
        return next(types.GenericAlias(tuple, (item, ...)) for item, now, _ in _BY_ITEM if kind in now)
    return next((python for python, now, _ in _BY_TYPE if kind in now), Any)


def _find_kinds(
    wanted: type | None, table: Sequence[tuple[type, frozenset[str], frozenset[str]]]
) -> tuple[frozenset[str], frozenset[str]]:
    for known, now, before in table:
        if wanted is not None and issubclass(wanted, known):
            return now, before
    return frozenset(), frozenset()


def bare_type(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            kept = [part for part in get_args(annotation) if part is not type(None)]
            if len(kept) != 1:
                return annotation
            annotation = kept[0]
        else:
            return annotation


def item_type(bare: Any) -> Any | None:
    """What a `list[X]` or `tuple[X, ...]` holds; None for anything else."""
    if get_origin(bare) in (list, tuple):
        arguments = get_args(bare)
        return arguments[0] if arguments else Any
    return None


def takes_null(annotation: Any) -> bool:
    """Whether None is one of the annotation's values."""
    if annotation is None or annotation is type(None) or annotation is Any:
        return True
    origin = get_origin(annotation)
    if origin is Annotated:
        return takes_null(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(takes_null(part) for part in get_args(annotation))
    return origin is Literal and None in get_args(annotation)


def _python_type(bare: Any) -> type | None:
    if get_origin(bare) is Literal:
        return type(get_args(bare)[0])
    return bare if isinstance(bare, type) else None
