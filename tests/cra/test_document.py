"""A report's JSON is the one analysts were promised, key by key."""

from __future__ import annotations

import datetime as dt
import json

from ds_bridge.api.records import Dossier
from ds_bridge.cra import (
    AccompagnementMediateur,
    AccompagnementStructure,
    CompteRendu,
    Evenement,
    Identite,
    Partenariat,
    TempsHebdomadaire,
)
from ds_bridge.mapping import map_dossier, resolve
from tests.cra.builders import HEADER, to_raw
from tests.mapping.forms import sandbox_cra

FORM, OLDER = sandbox_cra()
PLAN = resolve(CompteRendu, FORM, [OLDER])

REPORT = CompteRendu(
    dossier=HEADER,
    identite=Identite(
        nom="NOËL",
        prenom="Zoé",
        identifiant=4211,
        email="zoe@example.org",
        structure_nom="Mairie d’Évry & Cie",
        structure_identifiant=87,
    ),
    evenements_choix="souhaite ajouter au moins un événement",
    evenements=(
        Evenement(
            nom="Forum",
            organisateurs=("Une commune", "Ma structure"),
            type="Autre",
            type_precision="Salon",
            date=dt.date(2024, 6, 12),
        ),
    ),
    partenariats_choix="souhaite renseigner au moins un nouveau partenariat",
    partenariats=(
        Partenariat(nom="Hub du Sud", structure_type="Un Hub", natures=("Conception de parcours usager",)),
    ),
    accompagnements_choix="souhaite renseigner au moins un nouvel accompagnement",
    accompagnements=(
        AccompagnementStructure(
            structure_types=("Commune", "EPCI"),
            structure_noms="Évry, Corbeil",
            problematiques=("Planning",),
            actions=("Autre",),
            actions_precision="Visite",
        ),
        AccompagnementMediateur(
            mediateur_noms="A. Petit",
            structure_type="Association",
            structure_noms="Clic",
            problematiques=("Matériel",),
            actions=("Dépannage",),
        ),
    ),
    temps_hebdomadaire=TempsHebdomadaire(total=5, communication=3, animation=2),
    temps_reparti=True,
)

PROMISED = """
{"dossier": {"demarche": 82349, "number": 1234, "state": "en_construction", "archived": false,
  "prefilled": true, "date_depot": "2024-05-30T10:15:00+02:00",
  "date_derniere_modification": "2024-05-30T10:15:00+02:00", "date_traitement": null},
 "identite": {"nom": "NOËL", "prenom": "Zoé", "identifiant": 4211, "email": "zoe@example.org",
  "structure_nom": "Mairie d’Évry & Cie", "structure_identifiant": 87},
 "evenements": [{"nom": "Forum", "organisateurs": ["Une commune", "Ma structure"],
  "organisateurs_detail": null, "type": "Autre", "type_precision": "Salon", "date": "2024-06-12"}],
 "partenariats": [{"nom": "Hub du Sud", "structure_type": "Un Hub", "structure_detail": null,
  "natures": ["Conception de parcours usager"], "natures_precision": null, "date_lancement": null}],
 "accompagnements": [
  {"cible": "structure", "structure_types": ["Commune", "EPCI"], "structure_noms": "Évry, Corbeil",
   "problematiques": ["Planning"], "problematiques_precision": null, "actions": ["Autre"],
   "actions_precision": "Visite"},
  {"cible": "mediateur", "mediateur_noms": "A. Petit", "structure_type": "Association",
   "structure_noms": "Clic", "problematiques": ["Matériel"], "problematiques_precision": null,
   "actions": ["Dépannage"], "actions_precision": null}],
 "temps_hebdomadaire": {"total": 5, "communication": 3, "animation": 2},
 "anomalies": [{"path": "evenements[0].date", "code": "date_after_deposit", "severity": "warning",
  "message": "after the deposit of 2024-05-30"}]}
"""


def test_the_document_is_the_one_promised_to_the_letter() -> None:
    mapped = map_dossier(PLAN, Dossier.model_validate(to_raw(REPORT, PLAN, FORM)), 82349)
    assert mapped.value == REPORT
    assert json.dumps(mapped.document()) == json.dumps(json.loads(PROMISED))
    assert mapped.valid


def test_an_empty_dossier_has_every_key() -> None:
    raw = to_raw(REPORT, PLAN, FORM) | {"champs": []}
    document = map_dossier(PLAN, Dossier.model_validate(raw), 82349).document()
    promised = json.loads(PROMISED)
    assert list(document) == list(promised)
    assert document["identite"] == dict.fromkeys(promised["identite"])
    assert document["evenements"] == document["partenariats"] == document["accompagnements"] == []
    assert document["temps_hebdomadaire"] == {"total": None, "communication": None, "animation": None}


def test_rows_are_the_documents_own() -> None:
    mapped = map_dossier(PLAN, Dossier.model_validate(to_raw(REPORT, PLAN, FORM)), 82349)
    document = mapped.document()
    rows = mapped.rows()
    assert [(row.block, row.position) for row in rows] == [
        ("evenements", 0),
        ("partenariats", 0),
        ("accompagnements", 0),
        ("accompagnements", 1),
    ]
    assert [row.data for row in rows] == [
        *document["evenements"],
        *document["partenariats"],
        *document["accompagnements"],
    ]
    assert {row.row_id for row in rows} == {"01HROW00000000000000000000", "01HROW00000000000000000001"}


def test_reports_of_the_older_revision_are_read_by_the_same_plan() -> None:
    older = {
        "evenements": REPORT.evenements[0].model_copy(update={"type": "Autre", "organisateurs": ("Un Hub",)}),
        "partenariats": REPORT.partenariats[0].model_copy(update={"date_lancement": dt.date(2024, 4, 2)}),
        "accompagnements": AccompagnementStructure(structure_types=("Commune",), structure_noms="Évry"),
    }
    report = CompteRendu(
        dossier=HEADER,
        identite=REPORT.identite,
        **{name: (row,) for name, row in older.items()},
        temps_hebdomadaire=TempsHebdomadaire(total=4),
    )
    raw = to_raw(report, PLAN, OLDER)
    cible = next(
        champ
        for block in raw["champs"]
        for row in block.get("rows", ())
        for champ in row["champs"]
        if champ["label"] == "J'ai accompagné"
    )
    cible["value"] = "Une structure"
    mapped = map_dossier(PLAN, Dossier.model_validate(raw), 82349)
    assert mapped.value == report
    assert [(fault.path, fault.code) for fault in mapped.anomalies] == [
        ("evenements[0].date", "date_after_deposit")
    ]
