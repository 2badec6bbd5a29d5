"""Prefill: identity and values into a link that opens a prefilled dossier."""
