"""Rows of an actions file: what is read, and one line that says what is wrong with a row."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from ds_bridge.actions.rows import Reader, ReadRow, RowError
from ds_bridge.actions.wishes import make_key
from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import read_roster


def find_person(identifiant: int, action: str) -> int:
    if identifiant == 4211:
        return 17
    raise RowError("identifiant: 0 dossiers of the store fit: give the dossier's number")


def read(content: bytes | list[dict[str, Any]], folder: Path, known: Any = None) -> list[ReadRow]:
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    return Reader(folder, find_person).read(read_roster(io.BytesIO(raw)), lambda keys: known or {})


def problems(rows: list[dict[str, Any]], folder: Path) -> list[str | None]:
    return [row.problem for row in read(rows, folder)]


def test_a_spreadsheets_csv(tmp_path: Path) -> None:
    content = 'Dossier;ACTION;Motivation;Notify;Nom\n12;Accepter;"Vu,\ncomplet";non;Dupont\n;;;;\n'
    (row,) = read(content.encode("cp1252"), tmp_path)
    assert row.wish is not None
    assert (row.wish.dossier, row.wish.action) == (12, "accepter")
    assert row.wish.arguments == {"motivation": "Vu,\ncomplet", "notify": False}
    assert row.wish.key == make_key(12, "accepter", row.wish.arguments)
    assert repr(row.wish) == "<Wish accepter 12>"


def test_a_person_stands_for_the_one_dossier(tmp_path: Path) -> None:
    rows = [{"identifiant": "4211", "action": "archiver"}, {"identifiant": 5, "action": "archiver"}]
    first, second = read(rows, tmp_path)
    assert first.wish is not None
    assert first.wish.dossier == 17
    assert second.problem == "identifiant: 0 dossiers of the store fit: give the dossier's number"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"action": "accepté"}, "action: none of ours, did you mean accepter?"),
        ({"action": "televerser"}, "action: none of ours"),
        ({"action": "refuser"}, "refuser needs motivation"),
        ({"action": "archiver", "message": "x"}, "message: not for archiver"),
        (
            {"action": "envoyer_message", "message": "x", "correction": "vague"},
            "correction: write incorrect, ",
        ),
        ({"action": "accepter", "notify": "peut-être"}, "notify: neither yes nor no: write true or false"),
        ({"action": "suivre", "value": "x"}, "value: neither yes nor no: write true or false"),
        ({"action": "archiver", "dossier": "douze"}, "dossier: no number"),
        ({"action": "archiver", "dossier": True}, "dossier: no number"),
        ({"action": "archiver", "dossier": None}, "neither dossier nor identifiant"),
        ({"action": "archiver", "key": "k" * 501}, "key: longer than 500 characters"),
        ({"action": "modifier_annotations", "annotation": "x", "ligne": 0}, "ligne: no number"),
        (
            {"action": "modifier_annotations", "annotation": "x", "value": {"a": 1}},
            "value: neither text, number",
        ),
        (
            {"action": "envoyer_message", "message": "x", "piece": "a.exe"},
            "piece: the platform takes no program",
        ),
        ({"action": "envoyer_message", "message": "x", "piece": "rien"}, "piece: its name does not say what"),
        (
            {"action": "envoyer_message", "message": "x", "piece": "a.pdf"},
            "piece: the file cannot be read: No",
        ),
        ({"action": "envoyer_message", "message": "x", "piece": "vide.pdf"}, "piece: the file is empty"),
        ({"action": "envoyer_message", "message": "x", "piece": "gros.pdf"}, "piece: over 20 MB, more than"),
    ],
)
def test_what_is_wrong_with_a_row(row: dict[str, Any], problem: str, tmp_path: Path) -> None:
    (tmp_path / "vide.pdf").touch()
    with (tmp_path / "gros.pdf").open("wb") as stream:
        stream.truncate(20 * 1024 * 1024 + 1)
    (found,) = problems([{"dossier": 12} | row], tmp_path)
    assert found is not None
    assert found.startswith(problem)


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    content = b'[{"dossier": 1, "action": "envoyer_message", "message": "a\\ud83d"}]'
    assert [row.problem for row in read(content, tmp_path)] == ["message: it holds half a character"]


def test_what_the_platform_takes_out_is_taken_out_here(tmp_path: Path) -> None:
    (row,) = read([{"dossier": 1, "action": "envoyer_message", "message": "a\x00\x07b\tc"}], tmp_path)
    assert row.wish is not None
    assert row.wish.get("message") == "ab\tc"


def test_the_same_row_twice_is_one_action(tmp_path: Path) -> None:
    row = {"dossier": 1, "action": "archiver"}
    first, second, third = read([row, row, row | {"action": "desarchiver", "key": "k"}], tmp_path)
    assert (first.wish is None, second.wish, second.note) == (
        False,
        None,
        "the same action as row 1: done once",
    )
    assert third.wish is not None


def test_a_key_stands_for_one_thing(tmp_path: Path) -> None:
    rows = [{"dossier": 1, "action": name, "key": "k"} for name in ("archiver", "desarchiver")]
    assert problems(rows, tmp_path) == [None, "key: it stands for another action already, of row 1"]


def test_where_a_file_lies_does_not_matter(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.pdf").write_bytes(b"%PDF")
    row = {"dossier": 1, "action": "envoyer_message", "message": "x", "piece": "a.pdf"}
    one, two = (read([row], tmp_path / name)[0].wish for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert (one.key, one.fingerprint) == (two.key, two.fingerprint)


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        ("dossier;action;motivaton", "column 'motivaton' is none of ours: did you mean 'motivation'"),
        ("dossier;action;action", "column 'action' stands twice"),
        ("dossier;quoi", "no actions: the columns action, and dossier or identifiant, are missing"),
    ],
)
def test_columns_that_cannot_be_meant(headings: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(f"{headings}\n1;archiver;x\n".encode(), tmp_path)
    assert str(caught.value).startswith(said)


def test_a_row_with_too_many_cells(tmp_path: Path) -> None:
    (row,) = read(b"dossier;action\n1;archiver;x\n", tmp_path)
    assert row.problem is not None
    assert row.problem.startswith("the row has more cells")
