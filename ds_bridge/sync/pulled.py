"""Pulled: a page of dossiers as a run holds it. Nodes in; of each its head, its JSON and its fingerprint out.

A node is several times as large in memory as its JSON, so it is left before the next one is decoded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from ds_bridge.api.base import Raw
from ds_bridge.api.head import Head
from ds_bridge.api.pages import Page, Unreadable
from ds_bridge.errors import BadDataError
from ds_bridge.store.encoding import EncodedJson, encode_json, fingerprint_raw, keep_json
from ds_bridge.sync.crew import Collect


@dataclass(frozen=True, slots=True)
class Pulled:
    """A dossier as the platform gave it. `revision` is the id of the form it was filed with."""

    head: Head
    revision: str | None
    fingerprint: str
    raw: EncodedJson = field(repr=False)

    @classmethod
    def of(cls, node: Raw, raw: EncodedJson | None = None) -> Self:
        """Of a node; of its JSON as well where that is known. Raises BadDataError when it is no dossier."""
        head, revision = Head.of(node), _revision_of(node)
        digest = fingerprint_raw(
            node,
            state=head.state,
            archived=head.archived,
            deposited_at=head.date_depot,
            modified_at=head.date_derniere_modification,
            revision=revision,
        )
        return cls(head, revision, digest, encode_json(node) if raw is None else raw)


Received: TypeAlias = Pulled | Unreadable | BadDataError


def receive(node: Raw, text: memoryview | None = None) -> Received:
    """What a run holds of a node. That it is no dossier is not raised: it is no fault of its page.

    Then it is told by its number, or the error stands for it.
    """
    try:
        return Pulled.of(node, None if text is None else keep_json(text))
    except BadDataError as error:
        number = node.get("number")
        return Unreadable(number, f"{type(error).__name__}: {error}") if isinstance(number, int) else error


@dataclass(frozen=True, slots=True)
class PulledPage:
    """Some dossiers in order, those the platform cannot give, and where to go on as of `api.pages.Page`.

    `collect` gives what is made of it elsewhere; None: it is mapped by whoever stores it. With `error` it
    cannot be kept: what is no dossier has no number to be set aside by.
    """

    dossiers: Sequence[Pulled]
    unreadable: Sequence[Unreadable]
    cursor: str | None
    has_next: bool
    collect: Collect | None = field(default=None, repr=False)
    error: BadDataError | None = None

    @property
    def dates(self) -> list[dt.datetime]:
        """When its dossiers were last modified."""
        return [each.head.date_derniere_modification for each in self.dossiers]

    @classmethod
    def of(cls, page: Page[Received], begin: Callable[[list[EncodedJson]], Collect | None]) -> Self:
        """Of a page that came; `begin` takes its JSON, for another to map."""
        dossiers, unreadable = [], list(page.unreadable)
        for one in page.nodes:
            if isinstance(one, Pulled):
                dossiers.append(one)
            elif isinstance(one, Unreadable):
                unreadable.append(one)
            else:
                # Not raised here, where the walk's own errors may be a cursor's.
                return cls((), unreadable, page.cursor, page.has_next, error=one)
        collect = begin([each.raw for each in dossiers])
        return cls(dossiers, unreadable, page.cursor, page.has_next, collect)


def _revision_of(node: Raw) -> str | None:
    demarche = node.get("demarche")
    revision = demarche.get("revision") if isinstance(demarche, dict) else None
    return revision.get("id") if isinstance(revision, dict) else None
