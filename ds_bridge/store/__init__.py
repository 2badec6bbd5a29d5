"""Store: dossiers, deletions, checkpoints and runs in SQLite or PostgreSQL."""

from ds_bridge.store.entries import (
    Checkpoint,
    DeletionEntry,
    DeletionKind,
    DossierEntry,
    PageCounts,
    SetAside,
    StoredAnomaly,
    StoredDeletion,
    StoredDossier,
)
from ds_bridge.store.store import Store

__all__ = [
    "Checkpoint",
    "DeletionEntry",
    "DeletionKind",
    "DossierEntry",
    "PageCounts",
    "SetAside",
    "Store",
    "StoredAnomaly",
    "StoredDeletion",
    "StoredDossier",
]
