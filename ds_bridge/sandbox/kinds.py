"""Kinds of champ: gives the type of each kind in the API.

For some kinds the platform answers a poorer type, unless the query has a fragment on the richer type: see
`RICHER`.
"""

from __future__ import annotations

from collections.abc import Mapping

# For each kind: its type when the query names that type, and its type otherwise.
RICHER: Mapping[str, tuple[str, str]] = {
    "yes_no": ("YesNoChamp", "CheckboxChamp"),
    "datetime": ("DatetimeChamp", "DateChamp"),
    "drop_down_list": ("DropDownListChamp", "TextChamp"),
    "address": ("AddressChamp", "TextChamp"),
    "commune": ("CommuneChamp", "TextChamp"),
    "departement": ("DepartementChamp", "TextChamp"),
    "region": ("RegionChamp", "TextChamp"),
    "pays": ("PaysChamp", "TextChamp"),
    "header_section": ("HeaderSectionChamp", "TextChamp"),
    "explication": ("ExplicationChamp", "TextChamp"),
}

_PLAIN: Mapping[str, str] = {
    "checkbox": "CheckboxChamp",
    "date": "DateChamp",
    "dossier_link": "DossierLinkChamp",
    "piece_justificative": "PieceJustificativeChamp",
    "titre_identite": "TitreIdentiteChamp",
    "carte": "CarteChamp",
    "integer_number": "IntegerNumberChamp",
    "number": "IntegerNumberChamp",
    "decimal_number": "DecimalNumberChamp",
    "siret": "SiretChamp",
    "repetition": "RepetitionChamp",
    "multiple_drop_down_list": "MultipleDropDownListChamp",
    "linked_drop_down_list": "LinkedDropDownListChamp",
    "civilite": "CiviliteChamp",
    "epci": "EpciChamp",
    "rna": "RNAChamp",
    "rnf": "RNFChamp",
    "engagement_juridique": "EngagementJuridiqueChamp",
}

# Types whose name does not follow from the kind.
_DESCRIPTOR_NAMES = {kind: kind.upper() for kind in ("rna", "rnf", "cojo", "aah", "aeeh", "ars")}
_OLD_TYPE_NAMES = {"commune": "communes", "departement": "departements", "region": "regions"}


def typename_of(kind: str, fragments: frozenset[str], nature: str | None = None) -> str:
    """The type of this kind of champ in a document with fragments on these types.

    A titre d'identité is a piece justificative of that nature; it has its own type.
    """
    if nature == "TITRE_IDENTITE" and "TitreIdentiteChamp" in fragments:
        return "TitreIdentiteChamp"
    if kind in RICHER:
        rich, poor = RICHER[kind]
        return rich if rich in fragments else poor
    return _PLAIN.get(kind, "TextChamp")


def descriptor_typename(kind: str) -> str:
    """`integer_number` → `IntegerNumberChampDescriptor`."""
    name = _DESCRIPTOR_NAMES.get(kind) or "".join(word.capitalize() for word in kind.split("_"))
    return f"{name}ChampDescriptor"


def old_type_name(kind: str) -> str:
    """The deprecated `type` of a descriptor. A titre d'identité does not have its own any more."""
    return "piece_justificative" if kind == "titre_identite" else _OLD_TYPE_NAMES.get(kind, kind)
