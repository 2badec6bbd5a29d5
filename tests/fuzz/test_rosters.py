"""Whatever a file holds, a roster is read or refused in one line, within memory."""

import io
import zipfile

import openpyxl
from hypothesis import strategies as st

from ds_bridge.errors import DsBridgeError
from ds_bridge.people.roster import read_roster


def make_workbook():
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Prénom", "Identifiant"])
    book.active.append(["NOËL", "Zoé", 12])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = make_workbook()
MEMBERS = zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()


def rebuild(changes):
    """The workbook with members replaced, left out (None), or put in."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in MEMBERS:
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def spoil(place, piece):
    return WORKBOOK[: place % len(WORKBOOK)] + piece + WORKBOOK[place % len(WORKBOOK) :]


cells = st.text(max_size=15) | st.sampled_from(["#N/A", "=1+1", "\x00", "\ufeff", "9" * 500, '"', "é" * 50])
tables = st.lists(st.lists(cells, max_size=6), max_size=6)
csv = st.builds(
    lambda rows, separator, end, encoding: end.join(separator.join(row) for row in rows).encode(
        encoding, "replace"
    ),
    tables,
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252", "mac-roman", "cp850"]),
)
workbooks = st.dictionaries(
    st.sampled_from(MEMBERS), st.none() | st.binary(max_size=200) | st.just(bytes(30 << 20)), max_size=3
).map(rebuild)
files = st.one_of(
    st.tuples(st.sampled_from(["a.csv", "a.json", "a.xlsx", "a.ods", "a.xls"]), st.binary(max_size=300)),
    st.tuples(st.just("a.csv"), csv),
    st.tuples(st.just("a.xlsx"), workbooks),
    st.tuples(
        st.just("a.xlsx"), st.builds(spoil, st.integers(0, 1 << 20), st.binary(min_size=1, max_size=9))
    ),
    st.tuples(st.just("a.json"), st.integers(1, 2000).map(lambda depth: b"[" * depth + b"]" * depth)),
)


def test_any_file(fuzz, tmp_path):
    def check(file):
        name, content = file
        path = tmp_path / name
        path.write_bytes(content)
        said = ""
        try:
            roster = read_roster(path)
            for row in roster.rows:
                assert row is not None
        except DsBridgeError as error:
            said = str(error)
        assert "\n" not in said

    fuzz(files, check)
