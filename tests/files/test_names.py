"""Names on the disk: whatever a name is, the path stays in its folder, apart from every other, and short."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ds_bridge.files.names import MOST_BYTES, make_safe, path_of
from ds_bridge.files.wanted import WantedFile

NASTY = st.text(st.sampled_from('a.. /\\:*?"<>|\0\n\u202e\ud800éÀ~$CONul'), max_size=300) | st.text(
    max_size=300
)


def make_wanted(filename, position=0, checksum="x"):
    return WantedFile(12, "champ", "Q2hhbXAtMQ==", "", position, filename, "", 3, checksum, "https://a/b")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("statuts.pdf", "statuts.pdf"),
        ("pièce n° 1.txt", "pièce n° 1.txt"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("..", "fichier"),
        ("", "fichier"),
        (".bashrc", "bashrc"),
        ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
        ("fin.pdf . ", "fin.pdf"),
        ("facture\u202efdp.exe", "facture_fdp.exe"),
        ("e\u0301t\u00e9.pdf", "\u00e9t\u00e9.pdf"),
        ("a" * 300 + ".pdf", "a" * (MOST_BYTES - 4) + ".pdf"),
    ],
)
def test_a_name_made_safe(given, expected):
    assert make_safe(given) == expected


@given(NASTY)
@settings(max_examples=200, deadline=None)
def test_any_name_is_one_short_harmless_name(text):
    name = make_safe(text)
    assert name
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert len(name.encode()) <= MOST_BYTES
    assert name == name.strip(" .")


@given(NASTY)
@settings(max_examples=50, deadline=None)
def test_files_of_one_name_lie_apart_where_case_does_not_count(text):
    paths = [path_of(make_wanted(name, place)) for place, name in enumerate((text, text.upper(), text))]
    assert len({name.casefold() for _, name in paths}) == 3
    assert {folder for folder, _ in paths} == {"12"}


def test_a_new_content_has_a_new_name_and_the_same_one_the_same():
    assert path_of(make_wanted("a.pdf")) == path_of(make_wanted("a.pdf"))
    assert path_of(make_wanted("a.pdf")) != path_of(make_wanted("a.pdf", checksum="y"))


@pytest.mark.parametrize("name", ["CON", "NUL.txt", "aux"])
def test_a_reserved_name_is_not_a_whole_name(name):
    assert path_of(make_wanted(name))[1].endswith(f"-{name}")
