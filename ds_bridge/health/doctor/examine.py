"""Examine: makes every check, in the order in which people mend things. Gives findings as they come.

configuration → reachability, clock → queries → token → one whole dossier of each démarche → store → form,
démarche by démarche → prefill → notify. After a failure (no answer, no token), the checks that need the
missing thing are left out. Writes one thing only: which form was checked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from ds_bridge.api.public import PublicClient
from ds_bridge.config import Settings
from ds_bridge.errors import DsBridgeError
from ds_bridge.form import read_forms
from ds_bridge.health.doctor import keeping
from ds_bridge.health.doctor.access import check_access
from ds_bridge.health.doctor.drift import check_form
from ds_bridge.health.doctor.findings import Finding, fail
from ds_bridge.health.doctor.instance import check_queries
from ds_bridge.health.doctor.links import check_links
from ds_bridge.health.doctor.notices import check_notices
from ds_bridge.health.doctor.reach import reach
from ds_bridge.health.doctor.setup import check_setup
from ds_bridge.health.doctor.whole import check_whole_dossier
from ds_bridge.store import FormCheck, Store

_TRIES = 2


def examine(settings: Settings, names: Sequence[str], file: Path | None = None) -> Iterator[Finding]:
    """Every check, for these démarches of the configuration. `file` is the configuration's file."""
    setup = list(check_setup(settings, names, file))
    yield from setup
    reached = reach(settings.api)
    yield from reached.findings
    if reached.schema is not None:
        yield from check_queries(reached.schema)
    forms: dict[str, dict[str, Any]] = {}
    if reached.schema is not None and _has_token(settings):
        found, forms = check_access(settings, names)
        yield from found
        for name in forms:
            yield check_whole_dossier(settings, name)
    store: Store | None = None
    try:
        store = _open(settings)
    except DsBridgeError as error:
        yield fail(keeping.CHECK, error)
    else:
        if store is None and (absent := keeping.find_file(settings)) is not None:
            yield keeping.check_absent(absent)
    with closing(store) if store else nullcontext():
        if store is not None:
            yield from _told(keeping.check_store(settings, names, store, dt.datetime.now(dt.UTC)))
        for name in names:
            if name in forms:
                yield from _check_form(settings, name, forms[name], store)
    if reached.schema is not None:
        api = settings.api.model_copy(update={"attempts": _TRIES})
        with PublicClient(api) as client:
            for name in names:
                yield from check_links(name, settings.demarche(name), client, forms.get(name))
    yield from check_notices(settings.notify)


def _has_token(settings: Settings) -> bool:
    try:
        settings.api.read_token()
    except DsBridgeError:
        return False  # the check of the configuration tells it
    return True


def _open(settings: Settings) -> Store | None:
    file = keeping.find_file(settings)
    return None if file is not None and not file.exists() else Store.open(settings.store.url)


def _told(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings; when the store fails, its error comes in the place of the rest."""
    try:
        yield from findings
    except DsBridgeError as error:
        yield fail(keeping.CHECK, error)


def _check_form(
    settings: Settings, name: str, document: dict[str, Any], store: Store | None
) -> Iterator[Finding]:
    demarche = settings.demarche(name)
    try:
        check = store.read_form_check(demarche.number) if store else None
        findings = list(check_form(name, demarche, document, check))
        yield from findings
        if store is not None and all(finding.verdict != "failure" for finding in findings):
            active, _ = read_forms(document)
            now = dt.datetime.now(dt.UTC)
            store.save_form_check(demarche.number, FormCheck(active.revision, active.fingerprint, now))
    except DsBridgeError as error:
        yield fail(keeping.CHECK, error, subject=name)
