"""Dump: stored dossiers to files, one module a format.

`describe` says what a démarche's tables are, `make_hider` takes the people out.
"""

from ds_bridge.dump.described import Described, describe
from ds_bridge.dump.dossiers import FORMATS, TABLES, Options, dump_dossiers
from ds_bridge.dump.personal import Hider, make_hider

__all__ = [
    "FORMATS",
    "TABLES",
    "Described",
    "Hider",
    "Options",
    "describe",
    "dump_dossiers",
    "make_hider",
]
