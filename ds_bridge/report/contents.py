"""`Contents`: the figures of one report and their subject. JSON, HTML and PDF are made from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from ds_bridge.report.figure import Chapter, Figure
from ds_bridge.report.period import Period

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Contents:
    """`subject` names the person or the structure; `notes` (in French) are what the reader must know first.

    `as_of` is when the last complete run ended.
    """

    demarche: int
    title: str
    audience: str
    identifiant: int | None
    subject: str | None = field(repr=False)
    period: Period
    before: Period
    as_of: dt.datetime | None
    made_at: dt.datetime
    public: bool
    chapters: tuple[Chapter, ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> dict[str, Figure]:
        """All figures by id."""
        return {figure.id: figure for chapter in self.chapters for figure in chapter.figures}

    def to_json(self) -> dict[str, Any]:
        """The content of `report.json`. A public report has no numbers of dossiers."""
        return {
            "version": VERSION,
            "demarche": self.demarche,
            "title": self.title,
            "for": self.audience,
            "identifiant": self.identifiant,
            "subject": self.subject,
            "period": self.period.to_json(),
            "before": self.before.to_json(),
            "as_of": _write(self.as_of),
            "made_at": _write(self.made_at),
            "public": self.public,
            "notes": list(self.notes),
            "figures": [figure.to_json(traced=not self.public) for figure in self.figures.values()],
        }

    def describe(self) -> str:
        """One line, without anybody's name."""
        whom = self.audience if self.identifiant is None else f"{self.audience} {self.identifiant}"
        return f"{len(self.figures)} figures for {whom}, {self.period.since} to {self.period.until},"


def _write(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
