"""Rehearsal: runs on a copy of the store, which is then removed, to tell which dossiers a run would change.

Takes settings and orders, gives the summaries and the dossiers' numbers. The rehearsal asks the platform the
same as a run. It does not write to the store, its locks or its folder. The copy is private, and is kept in
the system's folder for temporary files during the rehearsal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ds_bridge.config import Settings
from ds_bridge.errors import StoreError
from ds_bridge.health.status import SQLITE
from ds_bridge.store import Store
from ds_bridge.store.transfer import copy_store
from ds_bridge.sync import Orders, Summary, sync_demarches


@dataclass(frozen=True)
class Rehearsed:
    """What a run would do for one démarche. The numbers are those of dossiers; dates tell which are
    `updated`."""

    summary: Summary
    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The summary, with the numbers."""
        numbers = {"created": self.created, "updated": self.updated, "deleted": self.deleted}
        return {**self.summary.to_json(), "dry_run": True, "numbers": numbers}


def rehearse(settings: Settings, names: Sequence[str], orders: Orders) -> list[Rehearsed]:
    """Run on a copy. Raises StoreError when the store cannot be copied."""
    with tempfile.TemporaryDirectory(prefix="ds-bridge-dry-run-") as folder:
        copy = Path(folder) / "store.db"
        _copy(settings.store.url, copy)
        store = settings.store.model_copy(update={"url": f"{SQLITE}{copy}"})
        before = [_read_dates(copy, settings.demarche(name).number) for name in names]
        summaries = sync_demarches(settings.model_copy(update={"store": store}), names, orders)
        after = [_read_dates(copy, settings.demarche(name).number) for name in names]
    return [_compare(*each) for each in zip(summaries, before, after, strict=True)]


def _copy(url: str, copy: Path) -> None:
    if url.startswith(SQLITE):
        if Path(url.removeprefix(SQLITE)).exists():
            with Store.open_to_read(url) as store:
                store.back_up(copy)
        return
    try:
        copy_store(url, f"{SQLITE}{copy}", lambda _: None)
    except StoreError as error:
        if "no store yet" not in str(error):
            raise


def _read_dates(file: Path, number: int) -> dict[int, object]:
    if not file.exists():
        return {}
    with Store.open_to_read(f"{SQLITE}{file}") as store:
        return dict(store.modification_dates(number))


def _compare(summary: Summary, before: dict[int, object], after: dict[int, object]) -> Rehearsed:
    return Rehearsed(
        summary,
        created=sorted(after.keys() - before.keys()),
        updated=sorted(number for number in after.keys() & before.keys() if after[number] != before[number]),
        deleted=sorted(before.keys() - after.keys()),
    )
