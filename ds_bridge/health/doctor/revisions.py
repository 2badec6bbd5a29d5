"""Revisions: takes a démarche as the API describes it, gives its published forms, the oldest first.

Each form has the day of its publication; the active one is the last.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ds_bridge.form import Field, Form, read_forms


@dataclass(frozen=True)
class Revision:
    """One published form. `published_at` is None for a démarche that is still a draft."""

    form: Form
    published_at: dt.datetime | None

    @property
    def name(self) -> str:
        """The name that people use for it."""
        if self.published_at is None:
            return "the unpublished revision"
        return f"the revision of {self.published_at:%Y-%m-%d}"

    def find(self, numbers: tuple[int, ...]) -> Placed | None:
        """The first of these champs that the form has, with its block."""
        places = {field.number: Placed(field, block) for field, block in self.form.walk()}
        return next((places[number] for number in numbers if number in places), None)


@dataclass(frozen=True)
class Placed:
    """A champ, and the block it stands in."""

    field: Field
    block: Field | None

    @property
    def scope(self) -> int | None:
        """The block's number, None at top level."""
        return self.block.number if self.block else None


def list_revisions(document: dict[str, Any]) -> tuple[Revision, ...]:
    """Published revisions, oldest first, the active one last. Raises ConfigurationError."""
    active, others = read_forms(document)
    dates = {
        each.get("id"): each.get("datePublication")
        for each in (*(document.get("revisions") or ()), document["activeRevision"])
    }
    revisions = [Revision(form, _read_date(dates.get(form.revision))) for form in others]
    revisions.sort(key=lambda each: each.published_at or dt.datetime.max.replace(tzinfo=dt.UTC))
    return (*revisions, Revision(active, _read_date(dates.get(active.revision))))


def _read_date(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
