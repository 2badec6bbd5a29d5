"""No cell can run as a formula, with any of three separators; and guarded texts come back unchanged."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.dump.csv import guard_json
from ds_bridge.people.roster.formulas import neutralise_line, restore_line

texts = st.text(st.sampled_from(",;\t\r\n\"' =+-@ab\\"), max_size=12)


def runs(content: str) -> list[str]:
    """Cells that begin as a formula does, under any separator."""
    return [
        cell
        for separator in ",;\t"
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator)
        for cell in row
        if cell.lstrip().startswith(tuple("=+-@"))
    ]


def save(*cells: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue()


@given(texts)
def test_nothing_runs_and_everything_comes_back(text: str) -> None:
    guarded = neutralise_line(text)
    assert runs(save("z", guarded)) == []
    assert text.startswith("'") or restore_line(guarded) == text


@given(st.lists(texts, max_size=3))
def test_lists_as_json_are_the_same_lists(items: list[str]) -> None:
    guarded = guard_json(json.dumps(items))
    assert json.loads(guarded) == items
    assert runs(save("z", guarded)) == []


def test_the_case_of_a_french_excel() -> None:
    assert neutralise_line("x;=cmd|' /C calc'!A0") == "x;'=cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["Mairie d’Évry; Paris", "a-b, c+d", "nom@exemple.fr;x@y.fr"])
def test_what_begins_no_formula_stays(text: str) -> None:
    assert neutralise_line(text) == text
