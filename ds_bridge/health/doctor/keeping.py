"""Keeping: checks the store. Opens it like `status`; before the first sync there is no store."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ds_bridge.config import Settings
from ds_bridge.errors import DsBridgeError
from ds_bridge.health.doctor.findings import STORE, Finding, Verdict
from ds_bridge.health.status import SQLITE, DemarcheStatus, read_statuses
from ds_bridge.log import tell_count
from ds_bridge.store import Store
from ds_bridge.store.tables import REVISION
from ds_bridge.sync.ages import describe_age

CHECK = "store"


def find_file(settings: Settings) -> Path | None:
    """The store's file; None for a database on a server."""
    url = settings.store.url
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def was_used(settings: Settings) -> bool:
    """Whether a run ever pulled something into this store. False without a store."""
    try:
        with Store.open_to_read(settings.store.url) as store:
            return bool(store.list_demarches())
    except DsBridgeError:
        return False


def check_absent(file: Path) -> Finding:
    """Check a file that is not there yet: can the first sync make it?"""
    folder = file.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            CHECK,
            "failure",
            f"no store yet, and this user cannot write to its folder {str(folder)!r}",
            "make the folder, or run as the user that the nightly job runs as",
            code=STORE,
        )
    return Finding(CHECK, "ok", f"none yet at {str(file)!r}: the first sync makes it")


def check_store(
    settings: Settings, names: Sequence[str], store: Store, now: dt.datetime
) -> Iterator[Finding]:
    """Check the open store: its version, who can read it, each démarche's last good run."""
    yield Finding(CHECK, "ok", f"{store!r} opens, version {REVISION}")
    file = find_file(settings)
    if file is not None:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                CHECK,
                "warning",
                f"{str(file)!r} holds people's dossiers and is open to others (mode {mode:04o})",
                f"chmod 0600 {str(file)!r}",
            )
        if not os.access(file, os.W_OK):
            yield Finding(
                CHECK,
                "failure",
                f"{str(file)!r} cannot be written by this user",
                "run as the user that the nightly job runs as",
                code=STORE,
            )
    for status in read_statuses(settings, list(names), store):
        yield _tell_runs(status, now)
        if names_of_views := store.list_views(status.number):
            found = f"views for SQL: {', '.join(names_of_views)}"
            yield Finding(CHECK, "ok", found, subject=status.name, details={"views": names_of_views})


def _tell_runs(status: DemarcheStatus, now: dt.datetime) -> Finding:
    overview = status.overview
    details = {"dossiers": overview.live, "invalid": overview.invalid, "set_aside": overview.set_aside}
    verdict: Verdict = "ok"
    remedy = ""
    if status.last_good_at is None:
        verdict, remedy = "warning", f"ds-bridge sync {status.name}"
        found = f"no good run yet (last run: {status.last_outcome})"
    else:
        age = describe_age(now - status.last_good_at)
        found = f"last good run {age} ago, {tell_count(overview.live, 'dossier')}, {overview.invalid} invalid"
        if status.last_outcome not in ("complete", "running"):
            verdict, remedy = "warning", f"ds-bridge status {status.name} says why"
            found += f"; the last run: {status.last_outcome}"
    return Finding(CHECK, verdict, found, remedy, status.name, details=details)
