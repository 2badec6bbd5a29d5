"""Debian's Chromium and a sandbox of its own, for the tests that need both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ds_bridge.sandbox.server import SandboxServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last browser test: Playwright keeps an event loop in this thread while it runs."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    return {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}[request.param]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when its script fails."""
    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(10_000)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=1, dossiers=3) as server:
        yield server
