"""What goes into the store and what comes out of it, as plain frozen records.

Datetimes are timezone-aware both ways; what comes out is in UTC. No record prints a dossier's content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from ds_bridge.store.encoding import decode_json, fingerprint_mapped, fingerprint_raw

if TYPE_CHECKING:
    from ds_bridge.mapping import Anomaly, BlockRow

DeletionKind: TypeAlias = Literal["deleted", "pending", "vanished"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the walk of a stream (`dossiers`, `deleted` or `pending`) stands.

    `since` is the lower bound of an unfinished walk, `cursor` its place (None: the last walk is finished),
    `high_water` the highest date seen, `query_hash` the digest of the query that made the cursor.
    """

    stream: str
    since: datetime | None = None
    cursor: str | None = None
    high_water: datetime | None = None
    query_hash: str | None = None


@dataclass(frozen=True, slots=True)
class DossierEntry:
    """A dossier to save: as pulled (`raw`), and as mapped (`document`, anomalies included, and `rows`).

    `person` is the person's number in the pilotage, as it is typed in the dossier.
    """

    number: int
    state: str
    archived: bool
    deposited_at: datetime
    modified_at: datetime
    revision: str | None
    raw: dict[str, Any] = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    valid: bool
    rows: Sequence[BlockRow] = field(default=(), repr=False)
    anomalies: Sequence[Anomaly] = field(default=(), repr=False)
    person: int | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PreparedEntry:
    """An entry with its fingerprints, which are computed before the transaction begins."""

    entry: DossierEntry
    raw_fingerprint: str
    document_fingerprint: str

    @classmethod
    def of(cls, entry: DossierEntry) -> Self:
        """Of an entry."""
        mapped = fingerprint_mapped(entry.document, entry.valid, entry.rows, entry.anomalies)
        pulled = fingerprint_raw(
            entry.raw,
            state=entry.state,
            archived=entry.archived,
            deposited_at=entry.deposited_at,
            modified_at=entry.modified_at,
            revision=entry.revision,
        )
        return cls(entry, pulled, mapped)


@dataclass(frozen=True, slots=True)
class DeletionEntry:
    """A dossier that the platform calls deleted, or hidden. `reason` is the platform's own word."""

    number: int
    state: str | None
    reason: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What a page changed. Each dossier counts in one of the first four; `invalid` counts in all of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    restored: int = 0
    invalid: int = 0


@dataclass(frozen=True)
class StoredDossier:
    """A live dossier as it stands in the store. Its JSON is decoded once, on first use."""

    number: int
    state: str
    archived: bool
    modified_at: datetime
    raw_text: str = field(repr=False)
    document_text: str = field(repr=False)
    valid: bool
    deposited_at: datetime
    revision: str | None
    pulled_at: datetime

    @cached_property
    def raw(self) -> dict[str, Any]:
        """As pulled."""
        return _read_object(self.raw_text)

    @cached_property
    def document(self) -> dict[str, Any]:
        """As mapped."""
        return _read_object(self.document_text)


@dataclass(frozen=True)
class StoredDocument:
    """The document of a live dossier, without its raw JSON, which is several times as long.

    `text` is the document as compact JSON. `account` is the e-mail address of the account that filed the
    dossier. `row_ids_text` and `account` are None unless the caller asked for them.
    """

    number: int
    valid: bool
    text: str = field(repr=False)
    row_ids_text: str | None = field(repr=False)
    account: str | None = field(repr=False)

    @cached_property
    def document(self) -> dict[str, Any]:
        """As mapped."""
        return _read_object(self.text)

    @cached_property
    def row_ids(self) -> dict[tuple[str, int], str | None]:
        """The platform's ids of the rows of blocks, by block and position."""
        found: list[tuple[str, int, str | None]] = decode_json(self.row_ids_text or "[]")
        return {(block, position): row_id for block, position, row_id in found}


@dataclass(frozen=True, slots=True)
class StoredDeletion:
    """A tombstone. `pulled` tells whether the dossier was in the store before."""

    number: int
    kind: DeletionKind
    reason: str | None
    deleted_at: datetime
    pulled: bool


@dataclass(frozen=True, slots=True)
class StoredAnomaly:
    """Something wrong in a live dossier. `message` is for people, and may quote what the usager typed."""

    number: int
    path: str
    code: str
    severity: str
    message: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A dossier that the platform could not give: the reason, the tries so far, and when to ask again."""

    number: int
    reason: str
    tries: int
    first_at: datetime
    last_at: datetime
    next_try_at: datetime


@dataclass(frozen=True, slots=True)
class FormCheck:
    """The form the doctor looked at last: its active revision, a digest of its champs, and when."""

    revision: str | None
    fingerprint: str
    checked_at: datetime


def _read_object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(text)
    return found
