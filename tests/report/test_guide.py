"""docs/report.md: the figures it declares count what it says."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from ds_bridge.report import Declared, Setting
from ds_bridge.report.gather import Gatherer
from ds_bridge.report.period import Period
from ds_bridge.store import StoredDocument

PAGE = Path(__file__).parent.parent.parent / "docs" / "report.md"


def test_the_declared_figures_of_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    code = re.search(r"<!-- python: declared -->\n```python\n(.*?)```", text, re.DOTALL)
    assert code
    (tmp_path / "bilan.py").write_text(code[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("bilan")
    assert module.Bilan.figures == "bilan:FIGURES"
    declared = module.FIGURES
    assert isinstance(declared, Declared)
    documents = [make_document(1, 3, "Agents", None), make_document(2, 5, "Agents"), make_document(3, None)]
    documents.append(make_document(4, 9, "Agents", state="refuse"))
    period = Period.of_year(2025)
    stored = (StoredDocument(number, True, json.dumps(each), None, None) for number, each in documents)
    found = Gatherer(declared, Setting(period, period.before), {}).gather(stored, declared.programme)
    deposits, sessions, hours = (figure for chapter in found for figure in chapter.figures)
    assert (deposits.value, deposits.left_out[0].reason, deposits.left_out[0].count) == (3, "refusés", 1)
    assert (sessions.value, sessions.table.rows) == (2, (("Agents", 2, 0),))
    assert [(each.reason, each.count, list(each.dossiers)) for each in sessions.left_out] == [
        ("sans public", 1, [1])
    ]
    assert list(sessions.dossiers) == [1, 2]
    assert hours.table.rows == (("Total", 2, 3.5, 4, 4.5, None),)


def make_document(
    number: int, total: int | None, *publics: str | None, state: str = "accepte"
) -> tuple[int, dict[str, object]]:
    header = {"number": number, "state": state, "date_depot": "2025-03-01T10:00:00+01:00"}
    seances = [{"public": public} for public in publics]
    return number, {"dossier": header, "total": total, "seances": seances, "anomalies": []}
