"""Store: dossiers, deletions, checkpoints and runs in SQLite or PostgreSQL."""

from ds_bridge.store.drafts import DRAFT_LIFE, DraftState, StoredDraft
from ds_bridge.store.entries import (
    Checkpoint,
    DeletionEntry,
    DeletionKind,
    DossierEntry,
    FormCheck,
    PageCounts,
    PreparedEntry,
    SetAside,
    StoredAnomaly,
    StoredDeletion,
    StoredDocument,
    StoredDossier,
)
from ds_bridge.store.files import FileKey, StoredFile
from ds_bridge.store.loads import LoadPart
from ds_bridge.store.overview import Overview, RunRecord
from ds_bridge.store.purge import Purgeable
from ds_bridge.store.store import Store

__all__ = [
    "DRAFT_LIFE",
    "Checkpoint",
    "DeletionEntry",
    "DeletionKind",
    "DossierEntry",
    "DraftState",
    "FileKey",
    "FormCheck",
    "LoadPart",
    "Overview",
    "PageCounts",
    "PreparedEntry",
    "Purgeable",
    "RunRecord",
    "SetAside",
    "Store",
    "StoredAnomaly",
    "StoredDeletion",
    "StoredDocument",
    "StoredDossier",
    "StoredDraft",
    "StoredFile",
]
