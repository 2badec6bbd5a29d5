"""The coordinator's way through the sandbox, in a browser, and the report that must come out of it.

`REPORT` is what they type, shaped as ds-bridge gives it back (but for the dossier's own numbers and dates):
`deposit_report` types it and gives the dossier's number.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from ds_bridge.prefill import Identity, build_link

PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
FIELDS = {
    "nom": "Q2hhbXAtMzU2NjQ5MQ",
    "prenom": "Q2hhbXAtMzU2NjUyMA",
    "email": "Q2hhbXAtMzU2NjUyNA",
    "identifiant": "Q2hhbXAtMzU2NjUyMw",
    "structure_nom": "Q2hhbXAtMzU2NjUyMQ",
    "structure_identifiant": "Q2hhbXAtMzU2NjUyMg",
}
EMAIL = "zoe.noel@example.org"
PERSON = Identity(
    nom="D'AVÈZE-NOËL & FILS #1",
    prenom="Zoé + Élisa 🎉",
    genre="Mme",
    email=EMAIL,
    identifiant=4211,
    structure_nom="Mairie d’Évry & Cie = 100 % « #1 » <b>",
    structure_identifiant=87,
)
MIXED = "Un syndicat mixte (veuillez préciser sa composition dans le champ dédié)"

REPORT: dict[str, Any] = {
    "identite": {
        "nom": PERSON.nom,
        "prenom": PERSON.prenom,
        "identifiant": PERSON.identifiant,
        "email": EMAIL,
        "structure_nom": PERSON.structure_nom,
        "structure_identifiant": PERSON.structure_identifiant,
    },
    "evenements": [
        {
            "nom": "Forum « Numérique & Cie »",
            "organisateurs": ["Une commune", MIXED, "Ma structure"],
            "organisateurs_detail": "Syndicat de l'Orge, 12 communes",
            "type": "Autre",
            "type_precision": "Salon des métiers, <édition 2024>",
            "date": "2024-05-12",
        },
        {
            "nom": "NEC de l’Essonne",
            "organisateurs": ["Le département"],
            "organisateurs_detail": None,
            "type": "NEC local",
            "type_precision": None,
            "date": "2024-03-01",
        },
    ],
    "partenariats": [
        {
            "nom": "Hub du Sud",
            "structure_type": "Un Hub",
            "structure_detail": None,
            "natures": ["Conception de parcours usager", "Autre"],
            "natures_precision": "Charte commune",
            "date_lancement": "2024-02-29",
        }
    ],
    "accompagnements": [
        {
            "cible": "structure",
            "structure_types": ["Commune", "EPCI"],
            "structure_noms": "Évry, Corbeil",
            "problematiques": ["Planning", "Autre"],
            "problematiques_precision": "Mutualisation",
            "actions": ["Dépannage"],
            "actions_precision": None,
        },
        {
            "cible": "mediateur",
            "mediateur_noms": "A. Petit",
            "structure_type": "Association",
            "structure_noms": "Clic",
            "problematiques": ["Matériel"],
            "problematiques_precision": None,
            "actions": ["Dépannage", "Autre"],
            "actions_precision": "Visite",
        },
    ],
    "temps_hebdomadaire": {"total": 5, "communication": 3, "animation": 2},
    "anomalies": [],
}


def make_link(url: str) -> str:
    """The link ds-bridge makes for `PERSON` on the sandbox at `url`."""
    return build_link(url, PATH, PERSON, fields=FIELDS)


def deposit_report(page: Page, url: str) -> int:
    """Follow the link of `PERSON` at `url`, type `REPORT`, deposit it. Gives the dossier's number."""
    return deposit_from(page, make_link(url))


def deposit_from(page: Page, link: str) -> int:
    """Follow a link or a draft's address, type `REPORT`, deposit it. Gives the dossier's number."""
    page.goto(link)
    reach_form(page)
    return finish_report(page)


def finish_report(page: Page) -> int:
    """Type `REPORT` in the form that is open, deposit it. Gives the dossier's number."""
    expect_prefilled(page)
    fill_report(page)
    page.get_by_role("button", name="Déposer le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre dossier est déposé")
    return int(page.locator("#numero-dossier").inner_text())


def reach_form(page: Page) -> None:
    page.get_by_role("link", name="Poursuivre mon dossier prérempli").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Identité du demandeur")
    expect(page.get_by_label("Madame")).to_be_checked()
    expect(page.get_by_label("Prénom")).to_have_value(PERSON.prenom or "")
    expect(page.get_by_label("Nom", exact=False).last).to_have_value(PERSON.nom or "")
    page.get_by_label("Adresse électronique").fill(EMAIL)
    page.get_by_role("button", name="Continuer").click()


def expect_prefilled(page: Page) -> None:
    """Every value of the link stands in its champ, as it was given."""
    for label, value in {
        "votre nom de famille": PERSON.nom,
        "votre prénom": PERSON.prenom,
        "votre adresse mail": PERSON.email,
        "(ID CoNum)": PERSON.identifiant,
        "le nom de votre structure": PERSON.structure_nom,
        "(ID structure)": PERSON.structure_identifiant,
    }.items():
        expect(page.get_by_label(label)).to_have_value(str(value))


def fill_report(page: Page) -> None:
    page.get_by_label("votre adresse mail").fill(EMAIL)
    page.get_by_label("souhaite ajouter au moins un événement").check()
    for position, event in enumerate(REPORT["evenements"], start=1):
        fill_event(find_row(page, "ÉVÉNEMENT", position), event)
    page.get_by_label("souhaite renseigner au moins un nouveau partenariat").check()
    for position, partnership in enumerate(REPORT["partenariats"], start=1):
        fill_partnership(find_row(page, "PARTENARIAT", position), partnership)
    page.get_by_label("souhaite renseigner au moins un nouvel accompagnement").check()
    for position, support in enumerate(REPORT["accompagnements"], start=1):
        fill_support(find_row(page, "ACCOMPAGNEMENT", position), support)
    hours = REPORT["temps_hebdomadaire"]
    page.get_by_label("consacré à la communication et à l'animation").fill(str(hours["total"]))
    split = page.get_by_label("consacré à l'animation du réseau")
    expect(split).to_be_hidden()
    page.get_by_label("Je souhaite préciser la répartition").check()
    split.fill(str(hours["animation"]))
    page.locator('[data-champ="3811708"]').get_by_role("textbox").fill(str(hours["communication"]))


def find_row(page: Page, block: str, position: int) -> Locator:
    """A row of a block, added when it is not there yet: required blocks start with one."""
    row = page.get_by_role("group", name=f"{block} {position}", exact=True)
    if not row.count():
        page.get_by_role("button", name=f"Ajouter un élément pour « {block} »").click()
        expect(row).to_be_visible()
    return row


def fill_event(row: Locator, event: dict[str, Any]) -> None:
    detail, precision = row.get_by_label("Détail sur le syndicat mixte"), row.get_by_label("Précisez")
    expect(detail).to_be_hidden()
    expect(precision).to_be_hidden()
    row.get_by_label("Nom de l'événement").fill(event["nom"])
    check_all(row, "Organisé par", event["organisateurs"])
    fill_or_miss(detail, event["organisateurs_detail"])
    row.get_by_label("Type d'événement").select_option(event["type"])
    fill_or_miss(precision, event["type_precision"])
    row.get_by_label("Date de l'événement").fill(event["date"])


def fill_partnership(row: Locator, partnership: dict[str, Any]) -> None:
    row.get_by_label("Nom du partenaire").fill(partnership["nom"])
    row.get_by_label("Type de structure").select_option(partnership["structure_type"])
    fill_or_miss(row.get_by_label("Détail sur le syndicat mixte"), partnership["structure_detail"])
    check_all(row, "Nature du partenariat", partnership["natures"])
    fill_or_miss(row.get_by_label("Précisez"), partnership["natures_precision"])
    row.get_by_label("Date de lancement du partenariat").fill(partnership["date_lancement"])


def fill_support(row: Locator, support: dict[str, Any]) -> None:
    if support["cible"] == "structure":
        row.get_by_label("Une/des structure(s)", exact=True).check()
        check_all(row, "Type(s) de structure(s) accompagnée(s)", support["structure_types"])
        row.get_by_label("Nom(s) de la/des structure(s)").fill(support["structure_noms"])
        expect(row.get_by_label("Type de structure du/de la")).to_be_hidden()
    else:
        row.get_by_label("Un(e)/des médiateur(trice/s)").check()
        row.get_by_label("Nom du/de la/des médiateur").fill(support["mediateur_noms"])
        row.get_by_label("Type de structure du/de la").select_option(support["structure_type"])
        row.get_by_label("Nom de la/des structure(s) du/de la").fill(support["structure_noms"])
        expect(row.get_by_label("Nom(s) de la/des structure(s)")).to_be_hidden()
    check_all(row, "Type(s) de problématique(s)", support["problematiques"])
    fill_or_miss(row.get_by_label("Précisez").nth(0), support["problematiques_precision"])
    check_all(row, "Action(s) engagée(s)", support["actions"])
    fill_or_miss(row.get_by_label("Précisez").nth(1), support["actions_precision"])


def check_all(row: Locator, group: str, options: list[str]) -> None:
    for option in options:
        row.get_by_role("group", name=group).get_by_label(option, exact=True).check()


def fill_or_miss(champ: Locator, text: str | None) -> None:
    """Type in a champ that has appeared, or make sure that it has not."""
    if text is None:
        expect(champ).to_be_hidden()
    else:
        expect(champ).to_be_visible()
        champ.fill(text)
