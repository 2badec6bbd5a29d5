"""JSON rosters: keys, lists and rows of blocks come back as they came."""

from __future__ import annotations

import io
import json

import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import Roster, RosterFormat, read_roster, write_roster

PEOPLE = [
    {"nom": "NOËL", "id": 4211, "choix": ["a", "b"], "blocs": [{"x": 1}]},
    {"nom": "Petit", "absent": None, "grand": 2**70},
]


def read(text: str | bytes) -> Roster:
    return read_roster(io.BytesIO(text.encode() if isinstance(text, str) else text))


def write(roster: Roster, output_format: RosterFormat | None = None) -> str:
    out = io.BytesIO()
    rows = ((row, {"url": "u", "warnings": ["w", "v"], "problem": row.problem}) for row in roster.rows)
    write_roster(roster, rows, ("url", "warnings", "problem"), out, output_format)
    return out.getvalue().decode("utf-8-sig")


def test_a_list_of_objects() -> None:
    roster = read(json.dumps(PEOPLE))
    assert roster.format is RosterFormat.JSON
    assert roster.headings == ("nom", "id", "choix", "blocs", "absent", "grand")
    added = {"url": "u", "warnings": ["w", "v"], "problem": None}
    assert json.loads(write(roster)) == [person | added for person in PEOPLE]


def test_one_object_a_line_and_a_line_that_is_none() -> None:
    lines = [json.dumps(PEOPLE[0]), "{broken", "[1]", "", json.dumps(PEOPLE[1])]
    roster = read("\ufeff" + "\n".join(lines))
    assert roster.format is RosterFormat.NDJSON
    assert [(row.place, row.problem is None) for row in roster.rows] == [
        (1, True), (2, False), (3, False), (5, True),
    ]  # fmt: skip
    written = [json.loads(line) for line in write(roster).splitlines()]
    assert [item.get("nom") for item in written] == ["NOËL", None, None, "Petit"]
    assert "not an object" in written[1]["problem"]


def test_as_csv() -> None:
    text = write(read(json.dumps(PEOPLE)), RosterFormat.CSV)
    assert text.splitlines() == [
        "nom,id,choix,blocs,absent,grand,url,warnings,problem",
        'NOËL,4211,"a; b","[{""x"": 1}]",,,u,"w; v",',
        f'Petit,,,,,{2**70},u,"w; v",',
    ]


def test_half_a_character_and_no_number_do_not_stop_the_rest() -> None:
    roster = read('[{"nom": "\\ud800", "id": NaN}, {"nom": "A"}]')
    assert len(json.loads(write(roster))) == 2
    assert write(roster, RosterFormat.CSV).splitlines()[1].startswith("?,nan,")


@pytest.mark.parametrize("text", ["[1, 2", '["a"]', "[]", "[{}]", "[[]]", "[" * 100_000])
def test_what_is_no_roster(text: str) -> None:
    with pytest.raises(ConfigurationError):
        read(text)
    assert json.loads(write(read('[{"a": 1}]'))) != []
