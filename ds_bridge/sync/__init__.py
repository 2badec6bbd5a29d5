"""Sync: pages → mapping → store, and the checkpoints between. The only place where the three meet."""

from ds_bridge.sync.run import sync_demarche
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary

__all__ = ["Stop", "Summary", "sync_demarche"]
