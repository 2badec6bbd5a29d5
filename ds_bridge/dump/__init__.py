"""Dump: stored dossiers to files, one module a format.

`ds_bridge.tables` gives the tables of a démarche, `make_hider` hides the people.
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
