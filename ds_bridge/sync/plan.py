"""Plan: the démarche's model resolved on its form, before anything is pulled."""

from __future__ import annotations

from ds_bridge.api.base import Raw
from ds_bridge.config import DemarcheSettings
from ds_bridge.form import read_forms
from ds_bridge.mapping import Plan, make_plan
from ds_bridge.sync.context import Run


def fetch_plan(run: Run) -> Plan | None:
    """Ask for the form, keep it in the store, resolve the model on it (None without a model).

    Raises MappingError when a field has no champ, or several.
    """
    document = run.client.form_document(run.number)
    plan = build_plan(run.demarche, document)
    run.store.save_form(run.number, run.name, document)
    if plan is not None:
        run.store.publish_views(run.number, run.name, plan.blocks)
    return plan


def build_plan(demarche: DemarcheSettings, document: Raw) -> Plan | None:
    """Resolve the model, or the named champs, on a form document and its other published revisions."""
    active, others = read_forms(document)
    return make_plan(demarche.model, demarche.champs, active, others)
