"""Names that look alike: for a person to look at, never to tie a dossier to somebody.

Two people look alike when their names are the same without case, accents and marks, in either order, give or
take one letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz.distance import OSA

_LETTERS = re.compile(r"[^\W_]+")
# What somebody typed may be anything; nobody's name is that long.
_LONGEST = 80


class NameIndex:
    """People by name. Each is found under every spelling with one letter left out: a look-up is quick."""

    def __init__(self) -> None:
        self._spellings: dict[str, list[int]] = {}
        self._names: dict[int, str] = {}

    def add(self, key: int, nom: str | None, prenom: str | None) -> None:
        """Somebody without both names is never found."""
        name = _join(nom, prenom)
        if name:
            self._names[key] = name
            for spelling in _spell(name):
                self._spellings.setdefault(spelling, []).append(key)

    def find(self, nom: str | None, prenom: str | None) -> set[int]:
        """The keys of those who look like this."""
        found: set[int] = set()
        for name in {_join(nom, prenom), _join(prenom, nom)} - {""}:
            for spelling in _spell(name):
                found.update(
                    key
                    for key in self._spellings.get(spelling, ())
                    if key not in found and is_near(self._names[key], name)
                )
        return found


def is_near(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped, make one of the other."""
    return OSA.distance(one, other, score_cutoff=1) <= 1


def _join(nom: str | None, prenom: str | None) -> str:
    first, second = _simplify(nom or ""), _simplify(prenom or "")
    return first + second if first and second and len(first + second) <= _LONGEST else ""


def _simplify(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(_LETTERS.findall("".join(each for each in folded if not unicodedata.combining(each))))


def _spell(name: str) -> Iterator[str]:
    yield name
    yield from {name[:place] + name[place + 1 :] for place in range(len(name))}
