"""Recorded answers of the real platform, as tests/recorded/ keeps them: one JSON object a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ds_bridge.form import Form, read_forms

RECORDED = Path(__file__).parent / "recorded"
EVERY_TYPE_FILES = ("9-filled", "10-nothing_filled", "11-degraded_company")


def recorded(name: str) -> dict[str, Any]:
    """One case by its folder and name: `read/demarche_form--cra`."""
    case: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return case


def recorded_form(which: str) -> tuple[Form, tuple[Form, ...]]:
    """The active form and the older ones of `cra` or `every_type`."""
    return read_forms(recorded(f"read/demarche_form--{which}")["body"]["data"]["demarche"])


def recorded_dossier(name: str) -> dict[str, Any]:
    """The raw dossier of one case: `every_type-9-filled`."""
    node: dict[str, Any] = recorded(f"read/dossier--{name}")["body"]["data"]["dossier"]
    return node


def every_type_dossiers() -> list[dict[str, Any]]:
    """The three dossiers of the form that has every kind of champ."""
    return [recorded_dossier(f"every_type-{name}") for name in EVERY_TYPE_FILES]


def cra_dossiers() -> list[dict[str, Any]]:
    """The eight activity reports, with every option."""
    page = recorded("read/dossiers_page--cra-all-every_option")["body"]["data"]["demarche"]["dossiers"]
    nodes: list[dict[str, Any]] = page["nodes"]
    return nodes
