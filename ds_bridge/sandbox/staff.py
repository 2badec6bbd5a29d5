"""Staff: instructeurs, the groupes in which they work, and the labels of a démarche.

`Dossier.groupe` is a groupe's key: 0 for the groupe that each démarche has. A dossier may get any other key:
from then on that groupe exists, with its own number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

INSTRUCTEURS: Mapping[int, str] = {
    1: "instructrice@anct.example",
    2: "instructeur@anct.example",
    3: "ailleurs@anct.example",
}
"""E-mail by number, in the sandbox's own world. The third one works in no groupe."""
INSTRUCTEUR = INSTRUCTEURS[1]
EXPERT = "experte@anct.example"


@dataclass(frozen=True, slots=True)
class Groupe:
    """A groupe instructeur. `instructeurs`: the numbers of those who may act on its dossiers."""

    key: int
    number: int
    label: str
    closed: bool = False
    instructeurs: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a démarche. Its number is unique among all démarches."""

    number: int
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Staff:
    """The groupes and labels of a démarche's form. Without a groupe it has "défaut"."""

    groupes: tuple[Groupe, ...] = ()
    labels: tuple[Label, ...] = ()

    def find_groupe(self, key: int, demarche: int) -> Groupe:
        """The groupe of this key: from the form, else made from the démarche's number."""
        known = next((groupe for groupe in self.groupes if groupe.key == key), None)
        if known is not None:
            return known
        return Groupe(key, number_groupe(demarche, key), f"groupe {key}" if key else "défaut")

    def list_groupes(self, demarche: int, assigned: Iterable[int]) -> list[Groupe]:
        """The groupes of the form, and those that dossiers were given to."""
        known = [groupe.key for groupe in self.groupes] or [0]
        keys = dict.fromkeys([*known, *sorted(assigned)])
        return [self.find_groupe(key, demarche) for key in keys]

    def find_label(self, number: int) -> Label | None:
        return next((label for label in self.labels if label.number == number), None)


def number_groupe(demarche: int, key: int) -> int:
    """The number of a groupe that the form does not have."""
    return demarche + 40_000 + key * 1_000_000


def read_staff(document: Mapping[str, Any]) -> Staff:
    """The `groupes` and `labels` of a form document."""
    demarche = document["number"]
    groupes = tuple(
        Groupe(
            key=groupe["key"],
            number=groupe.get("number", number_groupe(demarche, groupe["key"])),
            label=groupe["label"],
            closed=groupe.get("closed", False),
            instructeurs=tuple(groupe["instructeurs"]),
        )
        for groupe in document.get("groupes", ())
    )
    labels = tuple(Label(**label) for label in document.get("labels", ()))
    return Staff(groupes, labels)
