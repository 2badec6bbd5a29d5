"""The promise of the README in a real browser: a link, a report typed by a person, sync, dump."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from ds_bridge.sandbox.server import SandboxServer
from tests.browser.journey import REPORT, deposit_report

CONFIG = """
[api]
url = "{url}"
token = "{token}"
[demarches.cra]
number = 82349
model = "ds_bridge.cra:CompteRendu"
"""


def test_what_is_typed_is_what_is_dumped(page: Page, server: SandboxServer, tmp_path: Path) -> None:
    number = deposit_report(page, server.url)
    config = CONFIG.format(url=server.url, token=server.token)
    (tmp_path / "ds-bridge.toml").write_text(config, encoding="utf-8")

    assert "cra: complete" in run(tmp_path, "sync").stderr
    dumped = run(tmp_path, "dump", "cra", "--format", "ndjson").stdout.splitlines()
    reports = {report["dossier"]["number"]: report for report in map(json.loads, dumped)}
    header = reports[number].pop("dossier")
    assert reports[number] == REPORT
    assert (header["demarche"], header["state"], header["prefilled"]) == (82349, "en_construction", True)
    assert header["date_depot"] == header["date_derniere_modification"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ds_bridge", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done
