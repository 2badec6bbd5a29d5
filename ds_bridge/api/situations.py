"""Situations: the parts of a dossier that mutations can change. Read before a mutation, and after it.

The platform never removes traitements, messages and rows, and their ids grow. So ids tell what was there
before from what came since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ds_bridge.api.base import Raw, Record, parse_record
from ds_bridge.api.champs import Champ
from ds_bridge.api.records import Label, Message, Traitement
from ds_bridge.form import Field, read_fields


class Agent(Record):
    """An instructeur: one of a groupe, or one who follows a dossier."""

    id: str
    email: str


class Groupe(Record):
    """A groupe instructeur, with those who may act on its dossiers."""

    id: str
    number: int
    label: str
    instructeurs: tuple[Agent, ...] = ()


class Acted(Record):
    """The parts of a dossier that every mutation gives back. `labels` and `instructeurs` may repeat one."""

    id: str
    number: int
    state: str
    archived: bool
    motivation: str | None = None
    traitements: tuple[Traitement, ...] = ()
    labels: tuple[Label, ...] = ()
    instructeurs: tuple[Agent, ...] = ()
    groupe_instructeur: Groupe


class Situation(Acted):
    """The whole situation. `messages` and `annotations` are empty when they were not asked for."""

    messages: tuple[Message, ...] = ()
    annotations: tuple[Champ, ...] = ()

    def updated(self, acted: Acted) -> Situation:
        """The situation after a mutation that gave this back."""
        return self.model_copy(update={name: getattr(acted, name) for name in Acted.model_fields})


class DeskLabel(Record):
    id: str
    name: str


class Desk(Record):
    """What a démarche's dossiers can be given. `annotations`: of all published forms, the newest first."""

    number: int
    title: str
    labels: tuple[DeskLabel, ...] = ()
    groupes: tuple[Groupe, ...] = ()
    annotations: tuple[Field, ...] = ()


def read_desk(document: Mapping[str, Any]) -> Desk:
    """The `demarche` of the query DemarcheDesk. Raises BadDataError."""
    known: dict[int | None, Field] = {}
    for revision in (document.get("activeRevision"), *reversed(document.get("revisions") or [])):
        for field in read_fields((revision or {}).get("annotationDescriptors") or []):
            known.setdefault(field.number, field)
    node: Raw = {
        "number": document.get("number"),
        "title": document.get("title"),
        "labels": document.get("labels") or [],
        "groupes": document.get("groupeInstructeurs") or [],
    }
    return parse_record(Desk, node).model_copy(update={"annotations": tuple(known.values())})
