"""Pulled: a page of dossiers as a run holds it. Nodes in; of each its head and its form's revision out."""

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
        """Of a node. Raises BadDataError when it is no dossier."""
        return cls(Head.of(node), read_revision(node), node)


@dataclass(frozen=True, slots=True)
class PulledPage:
    """Some dossiers in order, those the platform cannot give, and where to go on as of `api.pages.Page`."""

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
        """Of a page that came. What is no dossier is told by its number, like what the platform cannot give.

        Raises BadDataError when it has not even a number to be set aside by: such a page cannot be kept.
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
    """The id of the form's revision that the dossier is on, None where the answer does not tell."""
    demarche = node.get("demarche")
    revision = demarche.get("revision") if isinstance(demarche, dict) else None
    return revision.get("id") if isinstance(revision, dict) else None
