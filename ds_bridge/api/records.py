"""Records: what comes over the wire, typed. Takes a GraphQL node, gives frozen pydantic models.

Field names are the platform's, in snake case. Records only read: the raw node stays the reference and is
what the store keeps.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from ds_bridge.api.base import Record
from ds_bridge.api.champs import Champ
from ds_bridge.api.registers import PersonneMorale, PersonneMoraleIncomplete, PersonnePhysique


class DossierState(StrEnum):
    """States a listed dossier can be in (drafts are never listed)."""

    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"


class PageInfo(Record):
    """Where a page ends. `end_cursor` is opaque and None on an empty page."""

    has_next_page: bool
    end_cursor: str | None = None


class Usager(Record):
    email: str | None = None


class Dossier(Record):
    """A deposited dossier. `raw` of the page it came in is kept apart, untouched."""

    id: str
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


Demandeur: TypeAlias = Annotated[
    PersonnePhysique | PersonneMorale | PersonneMoraleIncomplete, Field(discriminator="typename")
]


class DossierDate(Record):
    """What the light walk gives of a dossier."""

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


Dossier.model_rebuild()
