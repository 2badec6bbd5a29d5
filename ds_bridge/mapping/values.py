"""Values: one champ in, one Python value out, by its `__typename`.

`stringValue` is for people. It is read only when the platform has nothing else: for a link to a dossier, for
the number of an engagement juridique, and for a text that a register does not know (`keep_text`). A blank
value is None. Files lose their address, which lives one hour: the same dossier must give the same object
tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ds_bridge.api import champs
from ds_bridge.api.champs import EngagementJuridique, UnknownChamp
from ds_bridge.api.registers import Address, Commune, Named, PersonneMorale, Rna
from ds_bridge.mapping.fields import PieceJointe


def _read_text(champ: Any) -> str | None:
    value = champ.value
    return value if value is not None and value.strip() else None


def _read_linked(champ: champs.LinkedDropDownListChamp) -> tuple[str, ...]:
    return tuple(part for part in (champ.primary_value, champ.secondary_value) if part and part.strip())


def _read_files(champ: champs.PieceJustificativeChamp) -> tuple[PieceJointe, ...]:
    return tuple(
        PieceJointe(
            filename=file.filename,
            content_type=file.content_type,
            checksum=file.checksum,
            byte_size=file.byte_size_big_int,
        )
        for file in champ.files
    )


def _read_link(champ: champs.DossierLinkChamp) -> int | str | None:
    # The one kind without a typed value: the linked dossier itself is never asked for.
    text = _text_of(champ)
    return int(text) if text.isascii() and text.isdigit() else text or None


def _read_engagement(champ: champs.EngagementJuridiqueChamp) -> EngagementJuridique | None:
    record = champ.engagement_juridique
    if record is None:
        return None
    engaged, paid = (
        None if amount == _NO_AMOUNT else amount for amount in (record.montant_engage, record.montant_paye)
    )
    return EngagementJuridique(number=_text_of(champ) or None, montant_engage=engaged, montant_paye=paid)


def _text_of(champ: Any) -> str:
    return (champ.string_value or "").strip()


def _read_value(champ: Any) -> Any:
    return champ.value


_READERS: dict[str, Callable[[Any], Any]] = {
    "TextChamp": _read_text,
    "DropDownListChamp": _read_text,
    "CiviliteChamp": _read_text,
    "MultipleDropDownListChamp": lambda champ: champ.values,
    "LinkedDropDownListChamp": _read_linked,
    "IntegerNumberChamp": _read_value,
    "DecimalNumberChamp": _read_value,
    "CheckboxChamp": _read_value,
    "YesNoChamp": _read_value,
    "DateChamp": lambda champ: champ.date,
    "DatetimeChamp": lambda champ: champ.datetime,
    "PieceJustificativeChamp": _read_files,
    "TitreIdentiteChamp": lambda champ: champ.filled,
    "AddressChamp": lambda champ: champ.address,
    "CommuneChamp": lambda champ: champ.commune,
    "DepartementChamp": lambda champ: champ.departement,
    "RegionChamp": lambda champ: champ.region,
    "PaysChamp": lambda champ: champ.pays,
    "EpciChamp": lambda champ: champ.epci,
    "SiretChamp": lambda champ: champ.etablissement,
    "RNAChamp": lambda champ: champ.rna,
    "RNFChamp": lambda champ: champ.rnf,
    "DossierLinkChamp": _read_link,
    "CarteChamp": lambda champ: champ.geo_areas,
    "EngagementJuridiqueChamp": _read_engagement,
    "HeaderSectionChamp": lambda _champ: None,
    "ExplicationChamp": lambda _champ: None,
    "RepetitionChamp": lambda champ: champ.rows,
}

_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "AddressChamp": lambda text: Address(label=text),
    "CommuneChamp": lambda text: Commune(name=text),
    "DepartementChamp": lambda text: Named(name=text),
    "RegionChamp": lambda text: Named(name=text),
    "PaysChamp": lambda text: Named(name=text),
    "EpciChamp": lambda text: Named(name=text),
    "SiretChamp": lambda text: PersonneMorale(siret=text),
    "RNAChamp": lambda text: Rna(id=text),
    "RNFChamp": lambda text: Rna(id=text),
    "EngagementJuridiqueChamp": lambda text: EngagementJuridique(number=text),
}

_NO_AMOUNT = "NotYetImplemented"  # what the platform answers in the place of amounts

SMALLEST, LARGEST = -(2**63), 2**63 - 1  # what JSON readers and databases take as an integer

KNOWN_TYPENAMES = frozenset(_READERS)


def read_value(champ: champs.KnownChamp) -> Any:
    """The champ's value: str, int, float, bool, date, datetime, a tuple, or a record; None when blank."""
    return _READERS[champ.typename](champ)


def keep_text(champ: champs.KnownChamp) -> Any:
    """The value of a register's champ from its text alone; None without a text, or for another kind."""
    make, text = _FROM_TEXT.get(champ.typename), _text_of(champ)
    return make(text) if make is not None and text else None


def is_too_large(value: Any) -> bool:
    """Whether this is an integer beyond 64 bits. The platform's BigInt has no limit; our readers have one."""
    return type(value) is int and not SMALLEST <= value <= LARGEST


def is_malformed(champ: UnknownChamp) -> bool:
    """Whether this breaks the schema, as a known kind of champ or as no champ. A new kind does not."""
    return not champ.typename or champ.typename in KNOWN_TYPENAMES
