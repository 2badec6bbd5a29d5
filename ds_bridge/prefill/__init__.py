"""Prefill: identity and champs in, a link that opens a prefilled dossier out. No network, no store.

`check` says what the platform would take and what it would drop; `build_link` makes a link of the result. The
modules that need the network (`forms`, drafts) stand apart and are loaded when they are used.
"""

from __future__ import annotations

from ds_bridge.prefill.check import check
from ds_bridge.prefill.checked import Checked, Problem
from ds_bridge.prefill.encode import draft_body, encode_params
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.link import MAX_LINK_LENGTH, build_configured_link, build_link, link_to
from ds_bridge.prefill.values import ChampValue

__all__ = [
    "MAX_LINK_LENGTH",
    "ChampValue",
    "Checked",
    "Identity",
    "Problem",
    "build_configured_link",
    "build_link",
    "check",
    "draft_body",
    "encode_params",
    "link_to",
]
