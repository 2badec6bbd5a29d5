"""The pictures of docs/report.md are of the pages as they are: made here, small, of the size that is shown.

`UPDATE_PICTURES=1` writes them into docs/ again.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import ds_bridge
from tests.report.conftest import Filled, fill

pytestmark = pytest.mark.long
DOCS = Path(__file__).parent.parent.parent / "docs"
MOST_BYTES = 90_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return fill(tmp_path_factory.mktemp("pictures"))


def read_size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG."""
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def check(name: str, picture: bytes) -> None:
    stored = DOCS / "pictures" / name
    if os.environ.get("UPDATE_PICTURES"):
        stored.parent.mkdir(exist_ok=True)
        stored.write_bytes(picture)
    assert f"pictures/{name}" in (DOCS / "report.md").read_text(encoding="utf-8")
    assert read_size(picture) == read_size(stored.read_bytes())
    assert stored.stat().st_size < MOST_BYTES


@pytest.mark.parametrize(
    ("name", "width", "height", "scale"),
    [("report-desk.png", 1000, 1100, 0.6), ("report-phone.png", 360, 1100, 0.75)],
)
def test_the_programmes_page(
    filled: Filled, browser: Browser, tmp_path: Path, name: str, width: int, height: int, scale: float
) -> None:
    report = ds_bridge.report("cra", year=2025, roster=filled.roster, config=filled.config)
    file = tmp_path / "report.html"
    file.write_text(report.to_html(), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, locale="fr-FR"
    )
    page = context.new_page()
    page.goto(file.as_uri() + ("#chapitre-4" if width < 500 else ""))
    check(name, page.screenshot())
    context.close()


def test_a_persons_first_page_in_print(filled: Filled, tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (Debian: apt-get install poppler-utils)")
    row = filled.table("dossiers").drop_nulls("identite_identifiant").row(-1, named=True)
    report = ds_bridge.report("cra", for_="personne", id=row["identite_identifiant"], config=filled.config)
    (tmp_path / "report.pdf").write_bytes(report.to_pdf())
    command = ["pdftoppm", "-r", "60", "-png", "-singlefile", "report.pdf", "page"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    check("report-person.png", (tmp_path / "page.png").read_bytes())
