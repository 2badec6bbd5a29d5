"""Dump: stored dossiers to files, one module a format. `describe` and `Hider` are what tables and
`--pseudonymise` need beside the store."""

from ds_bridge.dump.dossiers import FORMATS, TABLES, Options, dump_dossiers

__all__ = ["FORMATS", "TABLES", "Options", "dump_dossiers"]
