"""Odd: takes a dossier, gives anomalies for the parts that this version cannot read.

One odd node never costs more than itself: it stays in the raw dossier as it came, and the rest is mapped.
"""

from __future__ import annotations

from collections.abc import Iterator

from ds_bridge.api.champs import UnknownChamp
from ds_bridge.api.records import Dossier, Unread
from ds_bridge.mapping.anomalies import (
    MALFORMED,
    MALFORMED_ELSEWHERE,
    UNKNOWN_KIND,
    UNKNOWN_STATE,
    Anomaly,
)
from ds_bridge.mapping.values import is_malformed


def list_odd(dossier: Dossier) -> Iterator[Anomaly]:
    """Anomalies of the dossier itself: its state, its demandeur, the parts beside its champs."""
    if not dossier.state.is_known:
        yield UNKNOWN_STATE.at("dossier.state", UNKNOWN_STATE.meaning)
    for unread in dossier.unread:
        yield _describe_unread(unread)


def describe_unknown(champ: UnknownChamp, path: str, *, feeds: bool = True) -> Anomaly:
    """The anomaly of an unreadable champ. `feeds`: a model's field or a document's entry loses its value."""
    broken = MALFORMED if feeds else MALFORMED_ELSEWHERE
    code = broken if is_malformed(champ) else UNKNOWN_KIND
    return code.at(path, f"{champ.typename or 'no champ'}: {code.meaning}")


def _describe_unread(unread: Unread) -> Anomaly:
    node = unread.node
    if unread.path == "champs":
        return MALFORMED.at(unread.path, "no champ could be read: this is no list of champs")
    if unread.path == "demandeur" and isinstance(node, dict) and node.get("__typename") not in _DEMANDEURS:
        return UNKNOWN_KIND.at(unread.path, "a kind of demandeur this version cannot read")
    return MALFORMED_ELSEWHERE.at(unread.path, "not what the platform's schema says; kept in the raw dossier")


_DEMANDEURS = ("PersonnePhysique", "PersonneMorale", "PersonneMoraleIncomplete")
