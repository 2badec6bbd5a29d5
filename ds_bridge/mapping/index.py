"""Index: the champs of a dossier or a row by stable number, each once, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ds_bridge.api.champs import Champ, UnknownChamp
from ds_bridge.ids import ChampId, MalformedIdError
from ds_bridge.mapping.anomalies import REPEATED_CHAMP, Anomaly
from ds_bridge.mapping.odd import describe_unknown


@lru_cache(maxsize=65536)
def stable_number(typed_id: str) -> int | None:
    """The stable number of a champ's id; None for an id this version cannot read."""
    try:
        return ChampId.parse(typed_id).stable
    except MalformedIdError:
        return None


def index_champs(
    champs: Iterable[Champ], path: str, fed: frozenset[int], anomalies: list[Anomaly]
) -> dict[int, Champ]:
    """Champs by stable number. Odd champs that feed no field are reported here, the others by the mapper."""
    index: dict[int, Champ] = {}
    for position, champ in enumerate(champs):
        number = stable_number(champ.champ_descriptor_id or champ.id or "")
        if type(champ) is UnknownChamp and number not in fed:
            anomalies.append(describe_unknown(champ, f"{path}champs[{position}]", feeds=False))
        if number is not None and index.setdefault(number, champ) is not champ and number in fed:
            anomalies.append(REPEATED_CHAMP.at(f"{path}champs[{position}]", REPEATED_CHAMP.meaning))
    return index


def rows_of(champ: Champ) -> tuple[tuple[str, tuple[Champ, ...]], ...] | None:
    """A block's rows as (id, champs); None when the champ is no readable block."""
    if isinstance(champ, UnknownChamp) or champ.typename != "RepetitionChamp":
        return None
    return tuple((row.id, row.champs) for row in champ.rows)
