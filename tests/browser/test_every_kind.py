"""A form of every kind, prefilled by a link and by a draft, in a browser: nothing lost, nothing invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from ds_bridge import Client
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.ids import ChampId
from ds_bridge.prefill import Checked, Identity, check, draft_body, encode_params
from ds_bridge.sandbox.server import SandboxServer
from tests.browser.audit import find_faults
from tests.browser.everything import DROPPED, LINKED, NUMBER, PATH, READ, SEEN, SENT, read_champs

ZOE = Identity(nom="D'AVÈZE-NOËL", prenom="Zoé", genre="Mme")

# What a person sees in each champ: the text of an input, the label of a list's option, what is ticked (with
# the text beside « Autre »). Champs that do not show are left out.
_READ_PAGE = r"""
() => {
  const read = (place) => {
    const inputs = [...place.querySelectorAll("input, select, textarea")];
    const ticks = inputs.filter((input) => ["radio", "checkbox"].includes(input.type));
    if (ticks.length) {
      const texts = inputs.filter((input) => input.type === "text" && input.value);
      return [...ticks.filter((tick) => tick.checked), ...texts].map((input) => input.value);
    }
    const [input] = inputs;
    if (!input) return undefined;
    return input.tagName === "SELECT" ? input.selectedOptions[0].textContent : input.value;
  };
  const walk = (root, inRow) => {
    const found = {};
    for (const place of root.querySelectorAll("[data-champ]")) {
      if (!place.checkVisibility() || (place.closest("[data-ligne]") !== null) !== inRow) continue;
      const rows = [...place.querySelectorAll("[data-ligne]")];
      found[place.dataset.champ] = rows.length ? rows.map((row) => walk(row, true)) : read(place);
    }
    return found;
  };
  return walk(document, false);
}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=1, dossiers=1) as server:
        yield server


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(10_000)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


def settings(server: SandboxServer) -> ApiSettings:
    return ApiSettings(url=server.url, token=SecretStr(server.token))


def make_link(server: SandboxServer, checked: Checked) -> str:
    """The whole of it is longer than `build_link` allows; a browser and the sandbox take it."""
    dropped = "&".join(f"champ_{ChampId(stable).encode_for_link()}=perdu" for stable in DROPPED)
    return f"{server.url}/commencer/{PATH}?{encode_params(checked, indexed_rows=True)}&{dropped}"


def make_draft(server: SandboxServer, checked: Checked) -> str:
    dropped = {f"champ_{ChampId(stable).encode_for_link()}": "perdu" for stable in DROPPED}
    with PublicClient(settings(server)) as client:
        draft = client.create_draft(NUMBER, draft_body(checked) | dropped)
    url: str = draft["dossier_url"]
    return url


@pytest.mark.parametrize(
    ("make_address", "width"), [(make_link, 1280), (make_draft, 360)], ids=["link", "draft"]
)
def test_every_prefilled_value_is_seen_deposited_and_read_back(
    make_address: Callable[[SandboxServer, Checked], str], width: int, sandbox: SandboxServer, tab: Page
) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    linked = min(sandbox.world.demarches[NUMBER].dossiers)
    with PublicClient(settings(sandbox)) as client:
        form = client.form(PATH, number=NUMBER)
    checked = check(ZOE, {**{str(key): value for key, value in SENT.items()}, str(LINKED): linked}, form=form)
    assert checked.problems == ()

    number = deposit(tab, make_address(sandbox, checked), str(linked))

    with Client(settings(sandbox)) as client:
        dossier = client.dossier(number)
    assert read_champs(dossier.champs) == READ | {LINKED: str(linked)}
    assert dossier.prefilled
    prefilled = {ChampId.parse(champ.champ_descriptor_id or "").stable for champ in dossier.champs
                 if getattr(champ, "prefilled", False)}  # fmt: skip
    blocks = {
        stable for stable, value in SENT.items() if isinstance(value, list) and isinstance(value[0], dict)
    }
    assert prefilled == set(SENT) - blocks | {LINKED}


def deposit(tab: Page, address: str, linked: str) -> int:
    """Follow the address, look at every champ, deposit; the dossier's number."""
    tab.goto(address)
    tab.get_by_role("link", name="Poursuivre mon dossier prérempli").click()
    expect(tab.get_by_label("Prénom")).to_have_value("Zoé")
    tab.get_by_label("Adresse électronique").fill("zoe@example.org")
    tab.get_by_role("button", name="Continuer").click()
    expect(tab.get_by_label("SIRET")).to_be_visible()
    assert read_page(tab) == SEEN | {LINKED: linked}
    assert find_faults(tab) == []
    tab.get_by_role("button", name="Déposer le dossier").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Merci, votre dossier est déposé")
    return int(tab.locator("#numero-dossier").inner_text())


def read_page(tab: Page) -> dict[int, Any]:
    found: dict[str, Any] = tab.evaluate(_READ_PAGE)
    return _by_number(found)


def _by_number(found: dict[str, Any]) -> dict[int, Any]:
    return {
        int(stable): [_by_number(row) for row in value] if _is_rows(value) else value
        for stable, value in found.items()
        if value is not None
    }


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
