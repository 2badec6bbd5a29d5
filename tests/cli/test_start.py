"""Start: what a command loads. A database or an HTTP client takes as long to load as a link to make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command

HEAVY = {
    "alembic", "fastapi", "graphql", "httpx", "jinja2", "openpyxl", "polars", "prometheus_client",
    "python_calamine", "rich", "sqlalchemy", "structlog", "tenacity", "uvicorn", "xlsxwriter",
}  # fmt: skip
LINK = ("prefill", "link", "cra", "--nom", "NOËL", "--identifiant", "4211")


def find_heavy(command: Command, *arguments: str, **environment: str) -> set[str]:
    """The heavy packages that the command has loaded when it is done."""
    code = (
        "import sys; from ds_bridge.cli.app import run; code = run(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=command.folder,
        env=command.environment(**environment),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout
    return HEAVY & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("sync", "--help"), ("serve", "--help")])
def test_help_loads_nothing_heavy(command: Command, arguments: tuple[str, ...]) -> None:
    assert find_heavy(command, *arguments) == set()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_link_loads_nothing_heavy_but_the_log_of_programs(configured: Command, log_format: str) -> None:
    needed = {"rich", "structlog"} if log_format == "json" else set()
    assert find_heavy(configured, *LINK, "--offline", "--log-format", log_format) == needed


def test_a_form_at_hand_needs_no_network(configured: Command, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert "httpx" in find_heavy(configured, *LINK, **cache)
    assert find_heavy(configured, *LINK, **cache) == set()
