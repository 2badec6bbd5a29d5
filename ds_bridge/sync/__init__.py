"""Sync: pages → mapping → store, with checkpoints. Only this room uses all three."""

from ds_bridge.sync.parts import Parallel
from ds_bridge.sync.run import sync_demarche
from ds_bridge.sync.several import Orders, choose_demarches, sync_demarches
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary

__all__ = ["Orders", "Parallel", "Stop", "Summary", "choose_demarches", "sync_demarche", "sync_demarches"]
