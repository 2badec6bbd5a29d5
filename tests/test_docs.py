"""The code of the guides runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

from ds_bridge.sandbox.server import SandboxServer

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    return dict(re.findall(r"<!-- python: (\w+) -->\n```python\n(.*?)```", text, re.DOTALL))


def run(code, tmp_path, **settings):
    environment = {f"DS_BRIDGE_API__{key.upper()}": value for key, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_model_of_the_mapping_guide_maps_every_dossier(tmp_path):
    code = blocks("mapping.md")
    with SandboxServer(seed=4, dossiers=15, requests_per_minute=None) as server:
        done = run(code["model"] + code["use"], tmp_path, url=server.url, token=server.token)
    assert done.returncode == 0, done.stderr
    lines = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(lines) == 15
    assert sum(events for _, events, _ in lines) > 10


def test_the_sandbox_of_the_guide_fails_once_and_answers(tmp_path):
    done = run(blocks("sandbox.md")["server"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "20 2\n"
