"""Older encodings: told apart by what people write, or the row is a problem; never a sign inside a name."""

from __future__ import annotations

import io
import json

import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import Roster, read_roster
from ds_bridge.people.roster.encoding import GARBLED, decode, is_garbled

ROSTERS = [
    "nom;prenom\nGARÇON;Zoé\nNOËL;Anaïs\n",
    "nom;prénom;email\nLefèvre;Hélène;h@x.fr\nNoël;Chloé;c@x.fr\nÉmile;Aïssatou;a@x.fr\n",
    "nom;prenom\nDurand;Zoé\n",
    "nom;prenom\nNOËL;Ana\n",
    "nom;prenom\nMuñoz;François\n",
    "nom\nDUPRÉ\n",
]
DOS = b"Nom;Prenom;Identifiant\r\nNO\xd3L;Zo\x82;12\r\nGAR\x80ON;Ana\x8bs;13\r\n"


def read(content: bytes) -> Roster:
    return read_roster(io.BytesIO(content))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("cp850", "CP850 (MS-DOS)"), ("mac_roman", "Mac Roman")],
)
@pytest.mark.parametrize("text", ROSTERS)
def test_the_encodings_of_french_offices_are_recognised(text: str, encoding: str, name: str) -> None:
    decoded = decode(text.encode(encoding), "roster")
    assert decoded.text == text
    assert decoded.note("roster") == (f"roster: read as {name}, not being UTF-8",)


def test_a_file_of_ms_dos() -> None:
    roster = read(DOS)
    assert [list(row.cells.values()) for row in roster.rows] == [
        ["NOËL", "Zoé", "12"],
        ["GARÇON", "Anaïs", "13"],
    ]
    assert [row.problem for row in roster.rows] == [None, None]


def test_rows_of_another_encoding_in_the_same_file_are_problems() -> None:
    two = "nom;prenom\nNoël;Zoé\nGarçon;Anaïs\n".encode("cp1252") + "GARÇON;Zoé\n".encode("cp850")
    assert [row.problem for row in read(two).rows] == [None, None, GARBLED]
    lines = [json.dumps({"nom": name}, ensure_ascii=False) for name in ("Noël", "Hélène", "Zoé")]
    content = "\n".join(lines).encode("cp1252") + b"\n" + '{"nom": "Zoé"}'.encode("cp850")
    roster = read(content)
    assert [row.problem for row in roster.rows] == [None, None, None, GARBLED]
    assert roster.notes == ("the file: read as Windows-1252, not being UTF-8",)
    assert read('[{"nom": "Zoé"}]'.encode("mac_roman")).rows[0].cells == {0: "Zoé"}


def test_what_is_text_in_none_of_them() -> None:
    with pytest.raises(
        ConfigurationError, match="not text in UTF-8, UTF-16, Windows-1252, CP850 or Mac Roman"
    ):
        read(b"\x81\x8d;\x8f\n\x90\x9d;\x81\n")


@pytest.mark.parametrize("text", ["GAR€ON", "Zo‚", "LefŠvre", "HéLéNE", "DUPRâ", "voil“t", "üì", "a\x01é"])
def test_what_nobody_writes(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    ["Mairie d’Évry – 5 €", "L’Œil « du lac »", "Kováč", "Łukasz", "Søren", "ŒUVRARD", "GARCON", "n° 4…"],
)
def test_what_people_write(text: str) -> None:
    assert not is_garbled(text)
