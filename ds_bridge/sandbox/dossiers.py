"""The sandbox's data: dossiers, drafts, deletions, tokens. Plain frozen objects: a change replaces one.

Values by kind of champ. The pages write them, the World keeps them, the API reads them:

| kind | value |
|---|---|
| text, textarea, email, phone, drop_down_list, civilite, siret, rna, date, datetime… | str (dates ISO 8601) |
| siret with its company, known or None · rna, rnf | dict `siret`, `company` · dict `id`, `title`, `address` |
| integer_number · decimal_number · dossier_link | int · float · int |
| checkbox, yes_no | bool |
| multiple_drop_down_list · linked_drop_down_list | list of str (linked: primary, secondary) |
| repetition | list of Row |
| commune, departement, region, pays, epci, address | dict: see `geography.py` |
| piece_justificative, carte | list of dicts (`text` or `base64` of a file) |

A blank champ has no key. Champs that do not apply may keep values: the API leaves these champs out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ds_bridge.errors import DsBridgeError
from ds_bridge.sandbox.instruction import Instruction

Value: TypeAlias = Any
Values: TypeAlias = Mapping[int, Value]

STATES = ("en_construction", "en_instruction", "accepte", "refuse", "sans_suite")
ENDED_STATES = frozenset({"accepte", "refuse", "sans_suite"})

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SandboxError(DsBridgeError):
    """The sandbox cannot do what it was asked; the message says what."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a block. `id` is 26 characters, as the platform's."""

    id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Identity:
    """The person who files (the page before the form). `civilite` is `M.` or `Mme`."""

    civilite: str | None = None
    nom: str | None = None
    prenom: str | None = None


class Content(Protocol):
    """Gives a dossier's values: kept ones, or values made from the seed at each reading."""

    @property
    def values(self) -> Values: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Values that somebody typed."""

    values: Values


@dataclass(frozen=True, slots=True)
class Dossier:
    """A deposited dossier. `modified_at` is the platform's `updated_at`; like cursors it has parts of a
    second.

    `prefilled_champs` are the stable numbers of prefilled champs. `siret` is the demandeur's on a démarche
    for companies (there `identity` is empty); `company_lost`: the platform could not fetch the company's
    data. `groupe` is 0 for the groupe instructeur "défaut", another number for another groupe, None for a
    dossier that lost its groupe (the platform allows that). `third_party` is the name and first name of a
    person who filed for somebody else. `instruction` is what instructeurs did; None when the seed makes it
    (`seed_instruction`). `expired_at` hides a dossier from every list, also from those of deletions.
    """

    number: int
    demarche: int
    revision: int
    state: str
    deposited_at: dt.datetime
    modified_at: dt.datetime
    content: Content
    identity: Identity = Identity()
    siret: str | None = None
    company_lost: bool = False
    email: str = ""
    archived: bool = False
    groupe: int | None = 0
    prefilled: bool = False
    prefilled_champs: frozenset[int] = frozenset()
    construction_at: dt.datetime | None = None
    instruction_at: dt.datetime | None = None
    processed_at: dt.datetime | None = None
    champs_modified_at: dt.datetime | None = None
    hidden_by_user_at: dt.datetime | None = None
    hidden_by_administration_at: dt.datetime | None = None
    hidden_reason: str | None = None
    expired_at: dt.datetime | None = None
    third_party: tuple[str, str] | None = None
    user_deleted: bool = False
    annotations_modified_at: dt.datetime | None = None
    instruction: Instruction | None = None

    @property
    def values(self) -> Values:
        """Values by the champ's stable number."""
        return self.content.values

    @property
    def is_pending_deletion(self) -> bool:
        """Whether the dossier is hidden from the administration: neither listed nor given. Its usager alone
        can hide it only before instruction."""
        return self.hidden_by_administration_at is not None or (
            self.hidden_by_user_at is not None and self.state == "en_construction"
        )

    @property
    def is_given(self) -> bool:
        """Whether the API lists it and gives it."""
        return not self.is_pending_deletion and self.expired_at is None

    @property
    def hidden_at(self) -> dt.datetime | None:
        """The date by which pending deletions are ordered."""
        if self.state == "en_construction":
            return self.hidden_by_user_at or self.hidden_by_administration_at
        return self.hidden_by_administration_at or self.hidden_by_user_at


@dataclass(frozen=True, slots=True)
class DeletedDossier:
    """A dossier deleted for good. `id` is the deletion's own id, not the dossier's."""

    id: int
    number: int
    demarche: int
    state: str
    reason: str
    deleted_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A dossier not yet deposited.

    `state`: `prefilled` (nobody has claimed it: it is destroyed after five days), `brouillon` (a person who
    logged in works on it), `deposited` (see the dossier of the same number). `email`: who claimed it.
    """

    token: str
    number: int
    demarche: int
    revision: int
    created_at: dt.datetime
    state: str = "prefilled"
    identity: Identity = Identity()
    values: Values = field(default_factory=dict)
    prefilled: bool = True
    prefilled_champs: frozenset[int] = frozenset()
    email: str | None = None
    updated_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An API token. `demarches` None: all. `refused_network`: it does not accept the caller's network."""

    name: str
    secret: str = field(repr=False)
    demarches: frozenset[int] | None = None
    expires_at: dt.datetime | None = None
    refused_network: bool = False
    can_write: bool = False


def make_secret(*parts: object, length: int = 24) -> str:
    """Letters and digits that depend on `parts` alone, so that the same seed gives the same sandbox."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:length]


def make_row_id(*parts: object) -> str:
    """A row id shaped as the platform's (a ULID), made from `parts` alone."""
    digest = int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:16], "big")
    letters = [_CROCKFORD[(digest >> (5 * place)) & 31] for place in range(24)]
    return "01" + "".join(letters)
