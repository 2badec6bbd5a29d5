"""Telling: takes anomalies, gives rows of an actions file: one message for each dossier, each anomaly once.

The keys in the outbox say what was told: `anomalies-<dossier>-<anomaly>.<anomaly>…`. A row that was never
given to `act` told nothing, so it comes again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster.encoding import decode
from ds_bridge.store import Store, StoredAnomaly

PREFIX = "anomalies-"
MOST_IN_A_MESSAGE = 30
"""The most anomalies in one message; the others are told next time."""

COLUMNS = ("dossier", "action", "message", "correction", "key")
_PLACE = "{anomalies}"
_INDEX = re.compile(r"^(\w+)\[(\d+)\]\.?(.*)$")
_OPEN = ("en_construction", "en_instruction")


@dataclass(frozen=True, slots=True)
class Letter:
    """How anomalies are told: a text that contains `{anomalies}`, and the French words for the codes."""

    template: str
    words: Mapping[str, str]
    correction: str | None = None


def read_template(path: Path) -> str:
    """The text of a template. Raises ConfigurationError when it has no place for the anomalies."""
    try:
        text = decode(path.read_bytes(), repr(path.name)).text
    except OSError as error:
        raise ConfigurationError(f"template {str(path)!r} cannot be read: {error.strerror}") from None
    if _PLACE not in text:
        raise ConfigurationError(f"template {str(path)!r}: write {_PLACE} where the anomalies must go")
    return text


def tell_anomalies(
    store: Store, demarche: int, found: Iterable[StoredAnomaly], letter: Letter
) -> Iterator[dict[str, Any]]:
    """A message for each open dossier with anomalies that were not told yet."""
    told = store.outbox.list_keys(demarche, PREFIX)
    by_dossier: dict[int, list[StoredAnomaly]] = {}
    for each in found:
        by_dossier.setdefault(each.number, []).append(each)
    for number, _, _ in _list_open(store, demarche):
        known = {mark for key in told.get(number, ()) for mark in key.rpartition("-")[2].split(".")}
        marked = {_mark(each): each for each in by_dossier.get(number, ())}
        new = {mark: each for mark, each in marked.items() if mark not in known}
        if new:
            yield _write_row(number, dict(list(new.items())[:MOST_IN_A_MESSAGE]), letter)


def accept_valid(store: Store, demarche: int) -> Iterator[dict[str, Any]]:
    """Rows that accept each open dossier without any anomaly."""
    wrong = {each.number for each in store.anomalies(demarche)}
    for number, state, modified in _list_open(store, demarche):
        if number in wrong:
            continue
        names = ("passer_en_instruction", "accepter") if state == "en_construction" else ("accepter",)
        for name in names:
            yield {"dossier": number, "action": name, "key": f"valid-{name}-{number}-{modified}"}


def describe_place(path: str) -> str:
    """`evenements[2].date` → `evenements n° 3, date`: rows counted as people count."""
    match = _INDEX.match(path)
    if match is None:
        return path.replace(".", ", ").replace("_", " ")
    block, index, rest = match.groups()
    place = f"{block.replace('_', ' ')} n° {int(index) + 1}"
    return f"{place}, {describe_place(rest)}" if rest else place


def _list_open(store: Store, demarche: int) -> Iterator[tuple[int, str, str]]:
    """Number, state and last change of the dossiers without a decision."""
    for each in store.documents(demarche, states=_OPEN):
        header = each.document.get("dossier") or {}
        yield each.number, str(header.get("state")), str(header.get("date_derniere_modification"))


def _write_row(number: int, anomalies: Mapping[str, StoredAnomaly], letter: Letter) -> dict[str, Any]:
    found = anomalies.values()
    lines = [f"- {letter.words.get(each.code, each.code)} ({describe_place(each.path)})" for each in found]
    message = letter.template.replace(_PLACE, "\n".join(lines)).replace("{dossier}", str(number))
    row = {"dossier": number, "action": "envoyer_message", "message": message}
    key = f"{PREFIX}{number}-{'.'.join(anomalies)}"
    return row | {"correction": letter.correction, "key": key}


def _mark(anomaly: StoredAnomaly) -> str:
    return hashlib.sha256(f"{anomaly.path} {anomaly.code}".encode()).hexdigest()[:12]
