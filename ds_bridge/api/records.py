"""Records: what comes over the wire, typed. Takes a GraphQL node, gives frozen pydantic models.

Field names are the platform's, in snake case. Records only read: the raw node stays the reference, and the
store keeps it. When the platform adds something new, only the value that holds it is lost: a dossier is read
without the parts that this version cannot read, and `unread` lists them.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Self, TypeAlias

from pydantic import Field, ValidationError

from ds_bridge.api.base import Raw, Record, parse_record
from ds_bridge.api.champs import Champ, File
from ds_bridge.api.registers import PersonneMorale, PersonneMoraleIncomplete, PersonnePhysique


class DossierState(StrEnum):
    """States a listed dossier can be in (drafts are never listed). A new state becomes a member too."""

    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        state = str.__new__(cls, value)
        state._name_, state._value_ = value.upper(), value
        return state

    @property
    def is_known(self) -> bool:
        """Whether this version knows the state."""
        return self._value_ in type(self)._value2member_map_


class PageInfo(Record):
    """Where a page ends. `end_cursor` is opaque and None on an empty page."""

    has_next_page: bool
    end_cursor: str | None = None


class Usager(Record):
    email: str | None = None


class Profil(Record):
    """A person, known by an e-mail address."""

    email: str | None = None


class Correction(Record):
    """What a message asks the usager to correct; open while `date_resolution` is None."""

    reason: str
    date_resolution: dt.datetime | None = None


class Message(Record):
    """A message between the usager and the instructeurs. `email` is who wrote it."""

    id: str
    email: str
    body: str
    created_at: dt.datetime
    discarded_at: dt.datetime | None = None
    attachments: tuple[File, ...] = ()
    correction: Correction | None = None


class Avis(Record):
    """An opinion asked of an expert; answered once `date_reponse` is there."""

    id: str
    question: str
    reponse: str | None = None
    question_label: str | None = None
    question_answer: bool | None = None
    date_question: dt.datetime
    date_reponse: dt.datetime | None = None
    claimant: Profil | None = None
    expert: Profil | None = None
    attachments: tuple[File, ...] = ()


class Traitement(Record):
    """A step of the dossier's life, the oldest first."""

    id: str
    event: str
    date_traitement: dt.datetime
    email_agent_traitant: str | None = None
    motivation: str | None = None


class Label(Record):
    id: str
    name: str
    color: str


class GroupeInstructeur(Record):
    number: int
    label: str


Demandeur: TypeAlias = Annotated[
    PersonnePhysique | PersonneMorale | PersonneMoraleIncomplete, Field(discriminator="typename")
]


class Unread(Record):
    """A part of a dossier that this version cannot read, as it came. `path`: `demandeur`, `messages[2]`."""

    path: str
    node: Any = None


class Dossier(Record):
    """A deposited dossier. Its page keeps the raw node apart, untouched.

    The fields after `champs` are None unless their option was asked for (`api.options`). `unread`: the parts
    that this version cannot read (see `read_dossier`).
    """

    id: str = ""
    number: int
    state: DossierState
    archived: bool = False
    prefilled: bool = False
    date_depot: dt.datetime
    date_derniere_modification: dt.datetime
    date_traitement: dt.datetime | None = None
    usager: Usager | None = None
    demandeur: Demandeur | None = None
    champs: tuple[Champ, ...] = ()
    annotations: tuple[Champ, ...] | None = None
    avis: tuple[Avis, ...] | None = None
    date_derniere_correction_en_attente: dt.datetime | None = None
    attestation: File | None = None
    motivation_attachment: File | None = None
    groupe_instructeur: GroupeInstructeur | None = None
    instructeurs: tuple[Profil, ...] | None = None
    labels: tuple[Label, ...] | None = None
    messages: tuple[Message, ...] | None = None
    traitements: tuple[Traitement, ...] | None = None
    unread: tuple[Unread, ...] = ()


def read_dossier(node: Raw) -> Dossier:
    """A node as a dossier, without the parts that cannot be read: these are in its `unread`.

    Raises BadDataError when not even its number, state and dates can be read.
    """
    try:
        return Dossier.model_validate(node)
    except ValidationError as error:
        places = [problem["loc"] for problem in error.errors(include_input=False, include_url=False)]
    names = {info.alias: name for name, info in Dossier.model_fields.items()}
    readable, unread = dict(node), []
    for key in dict.fromkeys(str(place[0]) for place in places if place[0] in node):
        value = node[key]
        wrong = {place[1] for place in places if place[0] == key and len(place) > 1}
        if isinstance(value, list) and wrong:
            readable[key] = [item for index, item in enumerate(value) if index not in wrong]
            unread += [
                {"path": f"{names[key]}[{index}]", "node": item}
                for index, item in enumerate(value)
                if index in wrong
            ]
        else:
            del readable[key]
            unread.append({"path": names[key], "node": value})
    return parse_record(Dossier, readable | {"unread": unread})


class DossierDate(Record):
    """A dossier of the light walk."""

    number: int
    date_derniere_modification: dt.datetime


class DeletedDossier(Record):
    """A deletion, pending or final. `date_supression` is spelled as the platform spells it.

    `id` differs from the dossier's own id: the key is `number`.
    """

    number: int
    state: str
    reason: str
    date_supression: dt.datetime
