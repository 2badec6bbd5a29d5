"""Store: dossiers, deletions, checkpoints and runs in SQLite or PostgreSQL.

The public names. Each loads on its first use: a program that only makes a link must not load a database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ds_bridge.store.changes import Change, Place
    from ds_bridge.store.drafts import DRAFT_LIFE, DraftState, StoredDraft
    from ds_bridge.store.entries import (
        Checkpoint,
        DeletionEntry,
        DeletionKind,
        DossierEntry,
        FormCheck,
        PageCounts,
        SetAside,
        StoredAnomaly,
        StoredDeletion,
        StoredDocument,
        StoredDossier,
    )
    from ds_bridge.store.files import FileKey, StoredFile
    from ds_bridge.store.loads import LoadPart
    from ds_bridge.store.outbox import ActionState, Outbox, StoredAction
    from ds_bridge.store.overview import Overview, RunRecord
    from ds_bridge.store.people import PersonDossier, PersonRecord
    from ds_bridge.store.proofs import Comparison, LostStream
    from ds_bridge.store.purge import Purgeable
    from ds_bridge.store.store import Store

_HOMES = {
    "Comparison": "ds_bridge.store.proofs",
    "LostStream": "ds_bridge.store.proofs",
    "DRAFT_LIFE": "ds_bridge.store.drafts",
    "ActionState": "ds_bridge.store.outbox",
    "Change": "ds_bridge.store.changes",
    "Checkpoint": "ds_bridge.store.entries",
    "DeletionEntry": "ds_bridge.store.entries",
    "DeletionKind": "ds_bridge.store.entries",
    "DossierEntry": "ds_bridge.store.entries",
    "DraftState": "ds_bridge.store.drafts",
    "FileKey": "ds_bridge.store.files",
    "FormCheck": "ds_bridge.store.entries",
    "LoadPart": "ds_bridge.store.loads",
    "Outbox": "ds_bridge.store.outbox",
    "Overview": "ds_bridge.store.overview",
    "PageCounts": "ds_bridge.store.entries",
    "PersonDossier": "ds_bridge.store.people",
    "PersonRecord": "ds_bridge.store.people",
    "Place": "ds_bridge.store.changes",
    "Purgeable": "ds_bridge.store.purge",
    "RunRecord": "ds_bridge.store.overview",
    "SetAside": "ds_bridge.store.entries",
    "Store": "ds_bridge.store.store",
    "StoredAction": "ds_bridge.store.outbox",
    "StoredAnomaly": "ds_bridge.store.entries",
    "StoredDeletion": "ds_bridge.store.entries",
    "StoredDocument": "ds_bridge.store.entries",
    "StoredDossier": "ds_bridge.store.entries",
    "StoredDraft": "ds_bridge.store.drafts",
    "StoredFile": "ds_bridge.store.files",
}

__all__ = [
    "DRAFT_LIFE",
    "ActionState",
    "Change",
    "Checkpoint",
    "Comparison",
    "DeletionEntry",
    "DeletionKind",
    "DossierEntry",
    "DraftState",
    "FileKey",
    "FormCheck",
    "LoadPart",
    "LostStream",
    "Outbox",
    "Overview",
    "PageCounts",
    "PersonDossier",
    "PersonRecord",
    "Place",
    "Purgeable",
    "RunRecord",
    "SetAside",
    "Store",
    "StoredAction",
    "StoredAnomaly",
    "StoredDeletion",
    "StoredDocument",
    "StoredDossier",
    "StoredDraft",
    "StoredFile",
]


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'ds_bridge.store' has no attribute {name!r}") from None
    return getattr(import_module(home), name)
