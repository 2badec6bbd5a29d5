"""Plan: resolves the démarche's model on its form as the platform gives it in this run."""

from __future__ import annotations

from ds_bridge.api.base import Raw
from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import UnfitModelError
from ds_bridge.form import has_changed, read_forms
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan, make_plan
from ds_bridge.mapping.person import PersonChamp, find_person
from ds_bridge.store import Store
from ds_bridge.store.view_columns import View
from ds_bridge.sync.context import Run
from ds_bridge.tables.described import describe_forms
from ds_bridge.tables.views import list_views

_log = get_logger("ds_bridge.sync")


def fetch_plan(run: Run) -> Plan | None:
    """Ask for the form, keep it in the store, resolve the model on it (None without a model).

    A form that changed does not stop the run: the summary tells what the model does not find any more. When
    the model fits nothing of the form, `run.unfit` says so: dossiers are pulled without the model, and the
    run fails after that. Raises ConfigurationError for settings or a model that are wrong on any form.
    """
    document = run.client.form_document(run.number)
    _warn_of_drift(run, document)
    plan = None
    try:
        plan = build_plan(run.demarche, document, lenient=True)
    except UnfitModelError as error:
        run.unfit = error
    run.person = build_person(run.demarche, plan, document)
    if run.store.count(run.number) == 0:  # else another champ may have filled some: remap's task
        run.store.save_person_champs(run.number, run.person.key)
    run.store.save_form(run.number, run.name, document)
    if plan is not None:
        run.summary.misfits = plan.misfits
    if run.unfit is None:
        publish_views(run.store, run.name, run.number, build_views(run.name, run.number, plan, document))
    return plan


def _warn_of_drift(run: Run, document: Raw) -> None:
    """Warn when the form is not the one that doctor checked last. Silent for a form never checked."""
    check = run.store.read_form_check(run.number)
    if check is None:
        return
    active, others = read_forms(document)
    if has_changed(check.revision, check.fingerprint, active, others):
        _log.warning(
            "the form has changed since it was checked: run doctor",
            checked_at=check.checked_at.isoformat(timespec="seconds"),
            revision=active.revision,
        )


def build_plan(demarche: DemarcheSettings, document: Raw, *, lenient: bool = False) -> Plan | None:
    """Resolve the model, or the configured champs, on a form document and its other published revisions."""
    active, others = read_forms(document)
    return make_plan(demarche.model, demarche.champs, active, others, lenient=lenient)


def publish_views(store: Store, name: str, number: int, views: list[View]) -> None:
    """Make the views, and say which could not be made."""
    for view in store.publish_views(number, name, views):
        _log.warning(
            "a view for SQL cannot be made: something has its name or is made of it: drop that, run remap",
            view=view,
        )


def build_views(name: str, number: int, plan: Plan | None, document: Raw) -> list[View]:
    """The démarche's views for SQL."""
    return list_views(describe_forms(name, number, plan, *read_forms(document)))


def build_person(demarche: DemarcheSettings, plan: Plan | None, document: Raw) -> PersonChamp:
    """Which champ of the form holds the person's number in the pilotage."""
    return find_person(plan, read_forms(document)[0], demarche.champs, demarche.person)
