"""Index: a dossier's or a row's champs by stable number, once, with what is odd about them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ds_bridge.api.champs import Champ, RepetitionChamp, UnknownChamp
from ds_bridge.ids import ChampId, MalformedIdError
from ds_bridge.mapping.anomalies import MALFORMED_ELSEWHERE, REPEATED_CHAMP, UNKNOWN_KIND, Anomaly
from ds_bridge.mapping.values import is_malformed


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
    """Champs by stable number. Odd ones that feed no field are reported here, the others where they feed."""
    index: dict[int, Champ] = {}
    for position, champ in enumerate(champs):
        number = stable_number(champ.champ_descriptor_id or champ.id or "")
        feeds = number in fed
        if isinstance(champ, UnknownChamp) and not feeds:
            code = MALFORMED_ELSEWHERE if is_malformed(champ) else UNKNOWN_KIND
            anomalies.append(code.at(f"{path}champs[{position}]", f"{champ.typename}: {code.meaning}"))
        if number is None:
            continue
        if number in index:
            if feeds:
                anomalies.append(REPEATED_CHAMP.at(f"{path}champs[{position}]", REPEATED_CHAMP.meaning))
        else:
            index[number] = champ
    return index


def rows_of(champ: Champ) -> tuple[tuple[str, tuple[Champ, ...]], ...] | None:
    """A block's rows as (id, champs); None when the champ is no readable block."""
    if not isinstance(champ, RepetitionChamp):
        return None
    return tuple((row.id, row.champs) for row in champ.rows)
