"""Mapping: a dossier's champs into a declared domain model, with anomalies."""
