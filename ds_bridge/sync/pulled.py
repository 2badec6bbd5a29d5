"""Pulled: a page of dossiers in a run. Takes nodes, gives the head and the form's revision of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from ds_bridge.api.base import Raw
from ds_bridge.api.head import Head
from ds_bridge.api.pages import Page, Unreadable
from ds_bridge.errors import BadDataError


@dataclass(frozen=True, slots=True)
class Pulled:
    """A dossier as the platform gave it. `revision` is the id of the form it was filed with."""

    head: Head
    revision: str | None
    node: Raw = field(repr=False)

    @classmethod
    def of(cls, node: Raw) -> Self:
        """Made from a node. Raises BadDataError when the node is not a dossier."""
        return cls(Head.of(node), read_revision(node), node)


@dataclass(frozen=True, slots=True)
class PulledPage:
    """Some dossiers in order, those that the platform cannot give, and the cursor (see `api.pages.Page`)."""

    dossiers: Sequence[Pulled]
    unreadable: Sequence[Unreadable]
    cursor: str | None
    has_next: bool

    @property
    def dates(self) -> list[dt.datetime]:
        """When its dossiers were last modified."""
        return [each.head.date_derniere_modification for each in self.dossiers]

    @classmethod
    def of(cls, page: Page) -> Self:
        """Made from a page. A node that is not a dossier is listed by its number, with those that the
        platform cannot give.

        Raises BadDataError when a node has not even a number: then it cannot be set aside, and the page
        cannot be kept.
        """
        dossiers, unreadable = [], list(page.unreadable)
        for node in page.nodes:
            try:
                dossiers.append(Pulled.of(node))
            except BadDataError as error:
                number = node.get("number")
                if not isinstance(number, int):
                    raise
                unreadable.append(Unreadable(number, f"{type(error).__name__}: {error}"))
        return cls(dossiers, unreadable, page.cursor, page.has_next)


def read_revision(node: Raw) -> str | None:
    """The id of the revision that the dossier belongs to; None when the answer does not give it."""
    demarche = node.get("demarche")
    revision = demarche.get("revision") if isinstance(demarche, dict) else None
    return revision.get("id") if isinstance(revision, dict) else None
