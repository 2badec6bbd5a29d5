"""Champs on the wire: the union `Champ`, one class a `__typename`, and the small records they hold.

GraphQL forbids one response key with two types, so `queries/` renames the `value` of numbers, boxes and
civilities (`integer`, `decimal`, `checked`, `yesNo`, `civilite`); the aliases below are those names. A champ
of an unknown typename, or one that breaks the schema, becomes `UnknownChamp`, which keeps it as it came: one
odd champ never costs the dossier. A node that is no champ at all, such as null, becomes one too.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, TypeAlias, final

from pydantic import ConfigDict, Field, model_validator

from ds_bridge.api.base import Raw, Record
from ds_bridge.api.registers import Address, Commune, Named, PersonneMorale, Rna


class _ChampBase(Record):
    id: str
    champ_descriptor_id: str
    label: str
    string_value: str | None = None
    updated_at: dt.datetime | None = None
    prefilled: bool = False


class File(Record):
    """A deposited file. `byte_size_big_int` is in bytes, `checksum` base64 MD5, `url` lives one hour."""

    filename: str
    content_type: str
    checksum: str
    byte_size_big_int: int
    url: str
    created_at: dt.datetime | None = None


class TextChamp(_ChampBase):
    typename: Literal["TextChamp"] = Field(alias="__typename")
    value: str | None = None


class DropDownListChamp(_ChampBase):
    typename: Literal["DropDownListChamp"] = Field(alias="__typename")
    value: str | None = None


class MultipleDropDownListChamp(_ChampBase):
    typename: Literal["MultipleDropDownListChamp"] = Field(alias="__typename")
    values: tuple[str, ...] = ()


class LinkedDropDownListChamp(_ChampBase):
    typename: Literal["LinkedDropDownListChamp"] = Field(alias="__typename")
    primary_value: str | None = None
    secondary_value: str | None = None


class IntegerNumberChamp(_ChampBase):
    """`value` is a BigInt: a JSON string on the wire."""

    typename: Literal["IntegerNumberChamp"] = Field(alias="__typename")
    value: int | None = Field(None, alias="integer")


class DecimalNumberChamp(_ChampBase):
    typename: Literal["DecimalNumberChamp"] = Field(alias="__typename")
    value: float | None = Field(None, alias="decimal")


class DateChamp(_ChampBase):
    typename: Literal["DateChamp"] = Field(alias="__typename")
    date: dt.date | None = None


class DatetimeChamp(_ChampBase):
    typename: Literal["DatetimeChamp"] = Field(alias="__typename")
    datetime: dt.datetime | None = None


class CheckboxChamp(_ChampBase):
    typename: Literal["CheckboxChamp"] = Field(alias="__typename")
    value: bool = Field(alias="checked")


class YesNoChamp(_ChampBase):
    typename: Literal["YesNoChamp"] = Field(alias="__typename")
    value: bool | None = Field(None, alias="yesNo")


class CiviliteChamp(_ChampBase):
    typename: Literal["CiviliteChamp"] = Field(alias="__typename")
    value: str | None = Field(None, alias="civilite")


class PieceJustificativeChamp(_ChampBase):
    typename: Literal["PieceJustificativeChamp"] = Field(alias="__typename")
    files: tuple[File, ...] = ()


class TitreIdentiteChamp(_ChampBase):
    typename: Literal["TitreIdentiteChamp"] = Field(alias="__typename")
    filled: bool = False


class AddressChamp(_ChampBase):
    typename: Literal["AddressChamp"] = Field(alias="__typename")
    address: Address | None = None
    commune: Commune | None = None
    departement: Named | None = None


class CommuneChamp(_ChampBase):
    typename: Literal["CommuneChamp"] = Field(alias="__typename")
    commune: Commune | None = None
    departement: Named | None = None


class DepartementChamp(_ChampBase):
    typename: Literal["DepartementChamp"] = Field(alias="__typename")
    departement: Named | None = None


class RegionChamp(_ChampBase):
    typename: Literal["RegionChamp"] = Field(alias="__typename")
    region: Named | None = None


class PaysChamp(_ChampBase):
    typename: Literal["PaysChamp"] = Field(alias="__typename")
    pays: Named | None = None


class EpciChamp(_ChampBase):
    typename: Literal["EpciChamp"] = Field(alias="__typename")
    epci: Named | None = None
    departement: Named | None = None


class SiretChamp(_ChampBase):
    typename: Literal["SiretChamp"] = Field(alias="__typename")
    etablissement: PersonneMorale | None = None


class RNAChamp(_ChampBase):
    typename: Literal["RNAChamp"] = Field(alias="__typename")
    rna: Rna | None = None


class RNFChamp(_ChampBase):
    typename: Literal["RNFChamp"] = Field(alias="__typename")
    rnf: Rna | None = None
    commune: Commune | None = None
    departement: Named | None = None


class DossierLinkChamp(_ChampBase):
    """A link to another dossier, whose number is `string_value`: the dossier itself may be out of scope."""

    typename: Literal["DossierLinkChamp"] = Field(alias="__typename")


class GeoArea(Record):
    id: str
    source: str
    description: str | None = None
    geometry: Raw | None = None


class CarteChamp(_ChampBase):
    typename: Literal["CarteChamp"] = Field(alias="__typename")
    geo_areas: tuple[GeoArea, ...] = ()


class EngagementJuridique(Record):
    """`number` is the champ's text: the platform has no other place for it."""

    number: str | None = None
    montant_engage: str | None = None
    montant_paye: str | None = None


class EngagementJuridiqueChamp(_ChampBase):
    typename: Literal["EngagementJuridiqueChamp"] = Field(alias="__typename")
    engagement_juridique: EngagementJuridique | None = None


class HeaderSectionChamp(_ChampBase):
    """A section title. It has no value; it says where the next champs stand. Level 1 is the outermost."""

    typename: Literal["HeaderSectionChamp"] = Field(alias="__typename")
    level: int = 1


class ExplicationChamp(_ChampBase):
    typename: Literal["ExplicationChamp"] = Field(alias="__typename")


class Row(Record):
    """One row of a repeatable block. Champs that do not apply are absent, so rows differ in length.

    A node that is no row keeps its place: it becomes a row without an id, with one unknown champ.
    """

    id: str
    champs: tuple[_AnyChamp, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _take_anything(cls, node: Any) -> Any:
        if isinstance(node, Row):
            return node
        if not isinstance(node, dict):
            return {"id": "", "champs": [node]}
        champs = node.get("champs", ())
        return {
            "id": row_id if isinstance(row_id := node.get("id"), str) else "",
            "champs": champs if isinstance(champs, list | tuple) else [champs],
        }


class RepetitionChamp(_ChampBase):
    typename: Literal["RepetitionChamp"] = Field(alias="__typename")
    rows: tuple[Row, ...] = ()


@final
class UnknownChamp(Record):
    """A champ that this version cannot read. `model_extra` has all its other keys as they came.

    `node` is the node when it is no object. `odd` holds the usual keys whose value is no text. `typename` is
    empty when the node has none.
    """

    model_config = ConfigDict(extra="allow")

    typename: str = Field("", alias="__typename")
    id: str | None = None
    champ_descriptor_id: str | None = None
    label: str | None = None
    string_value: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_anything(cls, node: Any) -> Any:
        if isinstance(node, UnknownChamp):
            return node
        if not isinstance(node, dict):
            return {"node": node}
        texts = {info.alias for info in cls.model_fields.values()}
        usual = {key: value for key, value in node.items() if key not in texts or isinstance(value, str)}
        odd = {key: node[key] for key in node.keys() - usual.keys() if node[key] is not None}
        return usual | {"odd": odd} if odd else usual


KnownChamp: TypeAlias = Annotated[
    TextChamp
    | DropDownListChamp
    | MultipleDropDownListChamp
    | LinkedDropDownListChamp
    | IntegerNumberChamp
    | DecimalNumberChamp
    | DateChamp
    | DatetimeChamp
    | CheckboxChamp
    | YesNoChamp
    | CiviliteChamp
    | PieceJustificativeChamp
    | TitreIdentiteChamp
    | AddressChamp
    | CommuneChamp
    | DepartementChamp
    | RegionChamp
    | PaysChamp
    | EpciChamp
    | SiretChamp
    | RNAChamp
    | RNFChamp
    | DossierLinkChamp
    | CarteChamp
    | EngagementJuridiqueChamp
    | HeaderSectionChamp
    | ExplicationChamp
    | RepetitionChamp,
    Field(discriminator="typename"),
]
Champ: TypeAlias = Annotated[KnownChamp | UnknownChamp, Field(union_mode="left_to_right")]
# `Row` uses this name: pydantic looks it up where a record is first read, before it looks here.
_AnyChamp: TypeAlias = Champ
