"""The demo: identity → link → form → dossier → sync → JSON, on one machine, without a token or a network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ds_bridge.api.client import Client
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings, DemarcheSettings, Settings
from ds_bridge.dump.file import replacing
from ds_bridge.errors import ConfigurationError, DsBridgeError
from ds_bridge.prefill import Identity, build_configured_link
from ds_bridge.report.formats import is_installed
from ds_bridge.report.make import Request, make_report
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.visitor import Answer, Rows, Visitor
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from ds_bridge.sync.plan import build_plan

IDENTITY = Identity(
    nom="NOËL",
    prenom="Zoé",
    identifiant=4211,
    email="zoe.noel@example.org",
    structure_nom="Mairie d’Évry & Cie",
    structure_identifiant=87,
)
DEMARCHE = DemarcheSettings(
    number=CRA_NUMBER,
    path="a1dac784-b6a0-4733-82c9-2c5c660797cf",
    model="ds_bridge.cra:CompteRendu",
)
STORE_FILE = "ds-bridge-demo.db"
REPORT_FILE = "ds-bridge-demo.json"
_CONFIGURATION = f"""\
# The demo made this store. Commands that only read it still work; the demo's sandbox has ended.
[store]
url = "sqlite:///{STORE_FILE}"

[demarches.cra]
number = {DEMARCHE.number}
path = "{DEMARCHE.path}"
model = "{DEMARCHE.model}"
"""
_ANSWERS: Mapping[str, Answer] = {
    "evenements_choix": "souhaite ajouter au moins un événement",
    "partenariats_choix": "souhaite renseigner au moins un nouveau partenariat",
    "accompagnements_choix": "souhaite renseigner au moins un nouvel accompagnement",
    "temps_total": "5",
    "temps_reparti": "true",
    "temps_communication": "3",
    "temps_animation": "2",
}
_ROWS: Mapping[str, list[dict[str, Answer]]] = {
    "evenements": [
        {
            "evenements.nom": "Forum de l’inclusion numérique",
            "evenements.organisateurs": ["Une commune", "Ma structure"],
            "evenements.type": "Autre",
            "evenements.type_precision": "Salon",
            "evenements.date": "2024-05-12",
        },
        {
            "evenements.nom": "Café numérique #3",
            "evenements.organisateurs": ["Une association"],
            "evenements.type": "Événement grand public",
            "evenements.date": "2024-05-21",
        },
    ],
    "partenariats": [
        {
            "partenariats.nom": "Hub du Sud",
            "partenariats.structure_type": "Un Hub",
            "partenariats.natures": ["Conception de parcours usager"],
        }
    ],
    "accompagnements": [
        {
            "accompagnements.cible": "Une/des structure(s)",
            "accompagnements.structure_types": ["Commune", "EPCI"],
            "accompagnements.structure.structure_noms": "Évry, Corbeil",
            "accompagnements.problematiques": ["Planning"],
            "accompagnements.actions": ["Autre"],
            "accompagnements.actions_precision": "Visite",
        },
        {
            "accompagnements.cible": "Un(e)/des médiateur(trice/s) numérique(s)",
            "accompagnements.mediateur_noms": "A. Petit",
            "accompagnements.structure_type": "Association",
            "accompagnements.mediateur.structure_noms": "Clic",
            "accompagnements.problematiques": ["Matériel"],
            "accompagnements.actions": ["Dépannage"],
        },
    ],
}


def run_demo(folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Do every step; returns the report as `dump` would print it. `say` gets a line for each step.

    In `folder` stay: the store, the report, and a configuration for the commands that need no platform.
    """
    place = folder / STORE_FILE
    with SandboxServer(dossiers=50) as server:
        say(f"1. a sandbox of the platform at {server.url}, with 50 dossiers")
        # Settings are made here on purpose: the environment must not lead the demo to the real platform.
        api = ApiSettings(url=server.url, token=SecretStr(server.token))
        with PublicClient(api) as public:
            form = public.form(str(DEMARCHE.path))
        settings = Settings(api=api, demarches={"cra": DEMARCHE})
        link = build_configured_link(settings, "cra", IDENTITY, form=form)
        say(f"2. a prefilled link for a coordinator, its champs found by the model:\n   {link}")
        with Client(api) as client, Store.open(f"sqlite:///{place}") as store:
            number = deposit_report(client, DEMARCHE, link)
            say(f"3. the form filled and deposited through that link: dossier {number}")
            summary = sync_demarche("cra", DEMARCHE, client, store)
            if summary.error:
                raise DsBridgeError(f"the demo's sync failed: {summary.error}")
            say(f"4. sync: {summary.created} dossiers in {summary.requests} requests, into {place}")
            reports = (each.document for each in store.dossiers(CRA_NUMBER) if each.number == number)
            report = next(reports)
            say(f"5. the coordinator's report, in French: {write_report(store, settings, place.parent)}")
    say("6. what was filed, mapped and validated:")
    (folder / REPORT_FILE).write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "ds-bridge.toml").write_text(_CONFIGURATION, encoding="utf-8")
    return report


def write_report(store: Store, settings: Settings, folder: Path) -> Path:
    """The report of the demo's person: a page, or only the figures when the extra `report` is missing."""
    form = "html" if is_installed("html") else "json"
    request = Request(audience="personne", identifiant=IDENTITY.identifiant)
    place = folder / f"ds-bridge-demo-rapport.{form}"
    with replacing(place) as stream:
        stream.write(make_report(store, settings, "cra", request).write(form))
    return place


def deposit_report(client: Client, demarche: DemarcheSettings, link: str) -> int:
    """Follow the link like its person and deposit the demo's report; returns the dossier's number."""
    plan = build_plan(demarche, client.form_document(demarche.number))
    if plan is None:
        raise ConfigurationError("the demo needs the CRA's model")
    numbers = {name: found[0] for name, found in plan.numbers.items() if found}
    champs = {numbers[name]: answer for name, answer in _ANSWERS.items() if name in numbers}
    blocks: dict[int, Rows] = {
        numbers[block]: [{numbers[name]: answer for name, answer in row.items()} for row in rows]
        for block, rows in _ROWS.items()
    }
    with Visitor() as visitor:
        return visitor.deposit(
            link, email="zoe.noel@example.org", civilite="Mme", champs=champs, blocks=blocks
        )


def choose_folder(folder: Path | None) -> Path:
    """The given folder, or a new one. Raises ConfigurationError when the given one cannot be used."""
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="ds-bridge-demo-"))
    if not folder.is_dir():
        raise ConfigurationError(f"no folder at {str(folder)!r}")
    if any((folder / name).exists() for name in (STORE_FILE, REPORT_FILE, "ds-bridge.toml")):
        raise ConfigurationError(
            f"{str(folder)!r} already holds a demo, or a configuration: remove it or give another folder"
        )
    return folder
