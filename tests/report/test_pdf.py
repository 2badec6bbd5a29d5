"""The PDF: tagged, in French, of the pages it should have, and Typst's own check of PDF/UA-1 passed."""

from __future__ import annotations

import dataclasses
import html
import re
import zlib
from pathlib import Path

import polars as pl
import pytest
import typst

import ds_bridge
from ds_bridge.errors import DsBridgeError
from ds_bridge.report.figure import Table
from ds_bridge.report.pages import glyphs, pdf
from tests.cli.commands import run_command
from tests.report.conftest import Filled


def unpack(document: bytes) -> bytes:
    """The document with what can be inflated, inflated."""
    parts = [document]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def count_pages(document: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", unpack(document)))


def test_the_programmes(filled: Filled) -> None:
    report = ds_bridge.report("cra", year=2025, roster=filled.roster, config=filled.config)
    document = report.to_pdf()
    text = unpack(document)
    assert document.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in text
    assert b"/Marked true" in text
    assert b"/Lang(fr)" in text
    assert b"<pdfuaid:part>1</pdfuaid:part>" in text
    assert b"<dc:title>" in text
    assert text.count(b"/S/Figure") == 11
    assert text.count(b"/S/Table/") == 15
    assert report.to_pdf() == document


def test_a_persons_is_of_two_pages(filled: Filled) -> None:
    rows = pl.concat(
        filled.table(name).select("dossier") for name in ("evenements", "partenariats", "accompagnements")
    )
    fullest = rows.group_by("dossier").len().sort("len", "dossier", descending=True)["dossier"][0]
    person = filled.table("dossiers").filter(pl.col("dossier") == fullest).row(0, named=True)
    identifiant, year = person["identite_identifiant"], person["date_depot"].year
    report = ds_bridge.report("cra", for_="personne", id=identifiant, year=year, config=filled.config)
    assert count_pages(report.to_pdf()) == 2


@pytest.mark.parametrize("year", [2010, 2025])
def test_nothing_to_say_is_a_page_too(filled: Filled, year: int, tmp_path: Path) -> None:
    out = tmp_path / "rapport.pdf"
    arguments = ("report", "cra", "--for", "personne", "--id", "90001", "--year", str(year), "-o", str(out))
    done = run_command(*arguments, config=filled.config)
    assert done.code == 0
    assert done.err.splitlines()[-1].startswith("Le numéro de personne 90001 ne figure dans aucun dossier")
    assert count_pages(out.read_bytes()) == 2


def test_the_general_report(filled: Filled) -> None:
    assert count_pages(ds_bridge.report("tout", config=filled.config).to_pdf()) >= 4


def test_what_breaks_the_norm_is_refused(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The norm is Typst's to check: a document without a title does not come out."""

    def compile_untitled(sources: dict[str, bytes], **options: object) -> bytes:
        untitled = sources["main"].replace(b"#set document(title: view.heading", b"#set document(title: none")
        return compile_as_before({**sources, "main": untitled}, **options)

    compile_as_before = typst.compile
    monkeypatch.setattr(pdf.typst, "compile", compile_untitled)
    with pytest.raises(DsBridgeError, match=r"the PDF could not be written: .*title"):
        ds_bridge.report("cra", year=2010, config=filled.config).to_pdf()


ODD = {
    "Atelier 🎓": "Atelier □",
    "👨‍👩‍👧 en famille": "□ en famille",
    "1\ufe0f\u20e3 Accueil": "□ Accueil",
    "中村 花子": "□ □",
    "Λευτέρης, Шевченко, שלום, عربي": "Λευτέρης, Шевченко, שלום, عربي",
    "\u236b\u08cc \u2914\u0734": "□ □",
    "Noe\u0308l ✓ → 10 \u202f€": "Noe\u0308l ✓ → 10 \u202f€",
}


@pytest.mark.parametrize("typed", ODD)
def test_a_text_that_the_fonts_cannot_show(typed: str, filled: Filled) -> None:
    report = ds_bridge.report("cra", for_="personne", id=90001, year=2025, config=filled.config)
    document = dataclasses.replace(report, subject=typed).to_pdf()
    assert ODD[typed] in read_title(document)


def test_a_bar_that_the_fonts_cannot_name(filled: Filled) -> None:
    report = ds_bridge.report("cra", year=2025, config=filled.config)
    [chapter, *others] = report.chapters
    table = Table(columns=("Nature", "2025", "2024"), rows=(("Jeu 🎲 vidéo 🎮", 3, 1),))
    figure = dataclasses.replace(chapter.figures[0], show="bars", table=table)
    odd = dataclasses.replace(report, chapters=(dataclasses.replace(chapter, figures=(figure,)), *others))
    assert count_pages(odd.to_pdf()) > 1


def test_what_is_taken_for_usual_has_a_glyph() -> None:
    """These characters are not tried one by one."""
    usual = "".join(char for char in map(chr, range(0x3000)) if glyphs._USUAL.fullmatch(char))
    assert len(usual) > 350
    assert all(glyphs._has_glyphs(char) for char in usual)


def read_title(document: bytes) -> str:
    """The title in the document's metadata."""
    [title] = re.findall(rb'<dc:title>.*?<rdf:li xml:lang="[^"]*">(.*?)</rdf:li>', unpack(document))
    return html.unescape(title.decode())
