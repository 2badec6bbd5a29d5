"""Dump: stored dossiers to files, one module a format."""

from ds_bridge.dump.dossiers import FORMATS, dump_dossiers

__all__ = ["FORMATS", "dump_dossiers"]
