"""Dump: stored dossiers to files, one module a format.

`ds_bridge.tables` says what a démarche's tables are, `make_hider` takes the people out.
"""

from ds_bridge.dump.dossiers import FORMATS, TABLES, Options, dump_dossiers
from ds_bridge.dump.personal import Hider, make_hider

__all__ = [
    "FORMATS",
    "TABLES",
    "Hider",
    "Options",
    "dump_dossiers",
    "make_hider",
]
