"""Names: finds similar names. A person looks at them; they never tie a dossier to somebody.

Two names are similar when they are the same without case, accents and marks, in either order, with at most
one letter of difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz.distance import OSA

_LETTERS = re.compile(r"[^\W_]+")
# People may type anything, but no name is longer than this.
_LONGEST = 80


class NameIndex:
    """People by name. Each is kept under every spelling with one letter left out, so a look-up is fast."""

    def __init__(self) -> None:
        self._spellings: dict[str, list[int]] = {}
        self._names: dict[int, str] = {}

    def add(self, key: int, nom: str | None, prenom: str | None) -> None:
        """Add a person. A person who lacks one of the two names is never found."""
        name = _join(nom, prenom)
        if name:
            self._names[key] = name
            for spelling in _spell(name):
                self._spellings.setdefault(spelling, []).append(key)

    def find(self, nom: str | None, prenom: str | None) -> set[int]:
        """The keys of the people with a similar name."""
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
    """Whether one added, missing or changed letter, or two swapped letters, are the only difference."""
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
