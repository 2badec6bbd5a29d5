"""Dump: stored dossiers to files, one module a format."""
