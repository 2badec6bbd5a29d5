"""A coordinator, a browser: from a link made by ds-bridge to a deposited dossier."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ds_bridge.sandbox.dossiers import Identity, Row
from ds_bridge.sandbox.server import SandboxServer
from tests.browser.audit import find_faults
from tests.browser.journey import EMAIL, MIXED, PATH, PERSON, REPORT, deposit_report, make_link, reach_form

QUERY = """query($number: Int!) {
  dossier(number: $number) {
    number state prefilled usager { email }
    demandeur { ... on PersonnePhysique { civilite nom prenom } }
    champs {
      champDescriptorId label prefilled stringValue
      ... on RepetitionChamp { rows { champs { label stringValue } } }
    }
  }
}"""


def ask(server: SandboxServer, number: int) -> dict[str, Any]:
    answer = httpx.post(
        f"{server.url}/api/v2/graphql",
        json={"query": QUERY, "variables": {"number": number}},
        headers={"Authorization": f"Bearer {server.token}"},
    )
    body: dict[str, Any] = answer.json()
    assert body.get("errors") is None
    dossier: dict[str, Any] = body["data"]["dossier"]
    return dossier


def values_of(row: Row) -> list[Any]:
    return list(row.values.values())


def test_what_is_typed_is_what_is_deposited(page: Page, server: SandboxServer) -> None:
    number = deposit_report(page, server.url)

    dossier = server.world.dossier(number)
    assert dossier is not None
    assert dossier.identity == Identity("Mme", PERSON.nom, PERSON.prenom)
    assert (dossier.state, dossier.email, dossier.prefilled) == ("en_construction", EMAIL, True)
    assert dossier.prefilled_champs == {3566491, 3566520, 3566523, 3566524, 3566521, 3566522}
    values = dossier.values
    assert [values[champ] for champ in (3566491, 3566520, 3566523, 3566524, 3566521, 3566522)] == list(
        REPORT["identite"].values()
    )
    assert [values_of(row) for row in values[3566496]] == [
        [
            "Forum « Numérique & Cie »",
            ["Une commune", MIXED, "Ma structure"],
            "Syndicat de l'Orge, 12 communes",
            "Autre",
            "Salon des métiers, <édition 2024>",
            "2024-05-12",
        ],
        ["NEC de l’Essonne", ["Le département"], "NEC local", "2024-03-01"],
    ]
    assert [values_of(row) for row in values[3566505]] == [
        ["Hub du Sud", "Un Hub", ["Conception de parcours usager", "Autre"], "Charte commune", "2024-02-29"]
    ]
    assert [values_of(row) for row in values[3566513]] == [
        [
            "Une/des structure(s)",
            ["Commune", "EPCI"],
            "Évry, Corbeil",
            ["Planning", "Autre"],
            "Mutualisation",
            ["Dépannage"],
        ],
        [
            "Un(e)/des médiateur(trice/s) numérique(s)",
            "A. Petit",
            "Association",
            "Clic",
            ["Matériel"],
            ["Dépannage", "Autre"],
            "Visite",
        ],
    ]
    assert [values[champ] for champ in (3566530, 3811707, 3811708, 3811709)] == [5, True, 3, 2]

    # the API gives it at once
    node = ask(server, number)
    assert (node["number"], node["state"], node["prefilled"]) == (number, "en_construction", True)
    assert node["usager"] == {"email": EMAIL}
    assert node["demandeur"] == {"civilite": "Mme", "nom": PERSON.nom, "prenom": PERSON.prenom}
    prefilled = {champ["label"]: champ["stringValue"] for champ in node["champs"] if champ["prefilled"]}
    assert list(prefilled.values()) == [
        PERSON.nom,
        PERSON.prenom,
        "4211",
        EMAIL,
        PERSON.structure_nom,
        "87",
    ]
    events = next(champ for champ in node["champs"] if champ["label"] == "ÉVÉNEMENT")
    assert [len(row["champs"]) for row in events["rows"]] == [6, 4]


def test_every_page_is_usable_by_everybody(page: Page, server: SandboxServer, size: dict[str, int]) -> None:
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    for address in ("/", "/commencer/rien", f"/commencer/{PATH}"):
        page.goto(server.url + address)
        assert find_faults(page) == []
    page.goto(make_link(server.url))
    assert find_faults(page) == []
    page.get_by_role("link", name="Poursuivre mon dossier prérempli").click()
    page.get_by_label("Prénom").fill("")
    assert find_faults(page) == []
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert find_faults(page) == []
    page.get_by_label("Prénom").fill("Zoé")
    page.get_by_label("Adresse électronique").fill(EMAIL)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="QUI ÊTES-VOUS ?")).to_be_visible()
    assert find_faults(page) == []
    page.get_by_label("souhaite ajouter au moins un événement").check()
    page.get_by_role("button", name="Déposer le dossier").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert find_faults(page) == []
    page.get_by_role("link", name="« Nom de l'événement » (ÉVÉNEMENT 1)").click()
    expect(page.get_by_label("Nom de l'événement")).to_be_focused()
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_role("status")).to_be_focused()
    assert find_faults(page) == []


def test_rows_are_added_and_removed(page: Page, server: SandboxServer) -> None:
    page.goto(make_link(server.url))
    reach_form(page)
    page.get_by_label("souhaite ajouter au moins un événement").check()
    page.get_by_label("Nom de l'événement").fill("Forum")
    page.get_by_role("button", name="Ajouter un élément pour « ÉVÉNEMENT »").click()
    second = page.get_by_role("group", name="ÉVÉNEMENT 2", exact=True).get_by_label("Nom de l'événement")
    expect(second).to_be_focused()
    page.keyboard.type("Salon")
    page.get_by_role("button", name="Supprimer l'élément ÉVÉNEMENT 1").click()
    expect(page.get_by_label("Nom de l'événement")).to_have_count(1)
    expect(page.get_by_label("Nom de l'événement")).to_have_value("Salon")
    expect(page.get_by_role("button", name="Ajouter un élément pour « ÉVÉNEMENT »")).to_be_focused()


def test_the_keyboard_is_enough(page: Page, server: SandboxServer) -> None:
    page.goto(make_link(server.url))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    press_until_focused(page, "link", "Poursuivre mon dossier prérempli")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Identité du demandeur")
    press_until_focused(page, "radio", "Madame")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Monsieur")).to_be_checked()
    page.keyboard.press("ArrowUp")
    press_until_focused(page, "textbox", "Adresse électronique")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="QUI ÊTES-VOUS ?")).to_be_visible()
    press_until_focused(page, "textbox", "Veuillez renseigner votre adresse mail")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    expect(page.get_by_label("le nom de votre structure")).to_be_focused()
    press_until_focused(page, "radio", "souhaite ajouter au moins un événement")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Nom de l'événement")).to_be_focused()
    page.keyboard.type("Forum")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Un Hub", exact=True).first).to_be_checked()
    press_until_focused(page, "button", "Ajouter un élément pour « ÉVÉNEMENT »")
    page.keyboard.press("Enter")
    second = page.get_by_role("group", name="ÉVÉNEMENT 2", exact=True)
    expect(second.get_by_label("Nom de l'événement")).to_be_focused()
    # Enter in an input saves: it removes nothing
    page.keyboard.type("Salon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    expect(second.get_by_label("Nom de l'événement")).to_have_value("Salon")


def press_until_focused(page: Page, role: Any, name: str) -> None:
    """Tab until this element has the focus; each stop on the way must show where it is."""
    target = page.get_by_role(role, name=name).first
    for _ in range(80):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"the keyboard does not reach {name}")


def test_without_script_the_form_still_works(browser: Browser, server: SandboxServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(make_link(server.url))
    reach_form(plain)
    expect(plain.get_by_label("Nom de l'événement")).to_be_hidden()
    plain.get_by_label("souhaite ajouter au moins un événement").check()
    plain.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(plain.get_by_label("Nom de l'événement")).to_be_visible()
    context.close()
