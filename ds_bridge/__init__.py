"""ds-bridge connects an information system to Démarches Simplifiées: prefilled links out, dossiers in.

The public names. They load on first use, so that one link does not pay for a database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ds_bridge.api.client import Client
    from ds_bridge.api.public import PublicClient
    from ds_bridge.api.records import DeletedDossier, Dossier
    from ds_bridge.config import Settings, load_settings
    from ds_bridge.errors import DsBridgeError
    from ds_bridge.form import Form
    from ds_bridge.mapping import Anomaly, DomainModel, champ, map_dossier, resolve
    from ds_bridge.notebook import open_store
    from ds_bridge.people.where import Whereabouts, where
    from ds_bridge.prefill import Checked, Identity, Problem, build_link, check
    from ds_bridge.prefill.drafts import Draft, Prepared, create_draft, prepare
    from ds_bridge.prefill.forms import load_form
    from ds_bridge.report.ask import report
    from ds_bridge.report.result import Report
    from ds_bridge.store import Store
    from ds_bridge.sync import Summary, sync_demarche

__version__ = "0.1.0"

_HOMES = {
    "Anomaly": "ds_bridge.mapping",
    "Checked": "ds_bridge.prefill",
    "Client": "ds_bridge.api.client",
    "DeletedDossier": "ds_bridge.api.records",
    "DomainModel": "ds_bridge.mapping",
    "Dossier": "ds_bridge.api.records",
    "Draft": "ds_bridge.prefill.drafts",
    "DsBridgeError": "ds_bridge.errors",
    "Form": "ds_bridge.form",
    "Identity": "ds_bridge.prefill",
    "Prepared": "ds_bridge.prefill.drafts",
    "Problem": "ds_bridge.prefill",
    "PublicClient": "ds_bridge.api.public",
    "Report": "ds_bridge.report.result",
    "Settings": "ds_bridge.config",
    "Store": "ds_bridge.store",
    "Summary": "ds_bridge.sync",
    "Whereabouts": "ds_bridge.people.where",
    "build_link": "ds_bridge.prefill",
    "champ": "ds_bridge.mapping",
    "check": "ds_bridge.prefill",
    "create_draft": "ds_bridge.prefill.drafts",
    "load_form": "ds_bridge.prefill.forms",
    "load_settings": "ds_bridge.config",
    "map_dossier": "ds_bridge.mapping",
    "open_store": "ds_bridge.notebook",
    "prepare": "ds_bridge.prefill.drafts",
    "report": "ds_bridge.report",
    "resolve": "ds_bridge.mapping",
    "sync_demarche": "ds_bridge.sync",
    "where": "ds_bridge.people.where",
}

__all__ = [
    "Anomaly",
    "Checked",
    "Client",
    "DeletedDossier",
    "DomainModel",
    "Dossier",
    "Draft",
    "DsBridgeError",
    "Form",
    "Identity",
    "Prepared",
    "Problem",
    "PublicClient",
    "Report",
    "Settings",
    "Store",
    "Summary",
    "Whereabouts",
    "build_link",
    "champ",
    "check",
    "create_draft",
    "load_form",
    "load_settings",
    "map_dossier",
    "open_store",
    "prepare",
    "report",
    "resolve",
    "sync_demarche",
    "where",
]


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'ds_bridge' has no attribute {name!r}") from None
    return getattr(import_module(home), name)
