"""Prefill: identity and champs in, a link that opens a prefilled dossier out. No network, no store."""

from __future__ import annotations

from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.link import MAX_LINK_LENGTH, build_configured_link, build_link

__all__ = ["MAX_LINK_LENGTH", "Identity", "build_configured_link", "build_link"]
