"""The files of tests/recorded: one request and its answer each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

RECORDED = Path(__file__).parents[2] / "recorded"
Case: TypeAlias = dict[str, Any]


@cache
def load_case(name: str) -> Case:
    """`refusals/bad_date` → the file's content."""
    case: Case = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return case


def list_cases(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.stem}" for path in (RECORDED / folder).glob("*.json"))
