"""`/docs` of the service in a browser: everything from the service itself, readable on a telephone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from ds_bridge.sandbox.server import SandboxServer
from tests.web.process import Keys, Service, write_config


def test_the_page_fits_asks_nobody_else_and_can_be_tried(
    browser: Browser, tmp_path: Path, size: dict[str, int]
) -> None:
    keys = Keys.make()
    with SandboxServer(dossiers=0) as platform:
        write_config(tmp_path, platform.url, keys)
        service = Service.start(tmp_path, keys)
        try:
            look(browser, str(service.client.base_url).rstrip("/"), keys, size)
        finally:
            service.stop()


def look(browser: Browser, origin: str, keys: Keys, size: dict[str, int]) -> None:
    """Open the page, unfold an operation, ask the service through it."""
    page = browser.new_page(viewport=size)
    page.set_default_timeout(20_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc or request.url[:5]))
    page.goto(f"{origin}/docs")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".modal-ux input").fill(keys.full)
    page.locator(".modal-ux .modal-btn.authorize").click()
    page.locator(".modal-ux .btn-done").click()
    operation = page.locator(".opblock", has_text="Describe the form")
    operation.locator(".opblock-summary-control").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    operation.get_by_role("button", name="Try it out").click()
    operation.locator(".parameters input").fill("cra")
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response").first
    assert answer.locator(".response-col_status").inner_text().startswith("200")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert said == []
    assert set(asked) <= {urlsplit(origin).netloc, "data:"}
    page.close()
