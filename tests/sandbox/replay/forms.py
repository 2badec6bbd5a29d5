"""The recorded forms as the sandbox's own: descriptors as the API shows them in, forms out."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.forms import DemarcheForm, read_form
from tests.sandbox.replay.cases import load_case

# Kinds of January that the platform has no more.
GONE = frozenset(
    {"CnafChampDescriptor", "DgfipChampDescriptor", "PoleEmploiChampDescriptor", "MesriChampDescriptor"}
)
_WHEN = "2026-11-30T01:00:27+01:00"
_KINDS = {"RNA": "rna", "RNF": "rnf", "COJO": "cojo"}
AGENT, AGENTE, NOWHERE = 1, 2, 3


def list_forms() -> tuple[DemarcheForm, ...]:
    """Every démarche that the recorded requests name."""
    return tuple(
        read_form(document)
        for document in (
            _write_cra(),
            _write_every_type(),
            _write_demarche(
                99002,
                "Écritures",
                champs=[
                    {"id": 770001, "kind": "text", "label": "Objet", "required": True},
                    {"id": 770002, "kind": "siret", "label": "SIRET"},
                    {"id": 770003, "kind": "titre_identite", "label": "Titre"},
                ],
                annotations=WRITES_ANNOTATIONS,
                labels=_labels(4),
                groupes=[
                    {"key": 4, "number": 4, "label": "Deuxième groupe", "instructeurs": [AGENTE]},
                    {"key": 5, "number": 5, "label": "Groupe fermé", "closed": True, "instructeurs": []},
                    {"key": 3, "number": 3, "label": "défaut", "instructeurs": [AGENT]},
                ],
            ),
            _write_demarche(
                99003,
                "Annotation obligatoire",
                annotations=[{"id": 800301, "kind": "text", "label": "Avis", "required": True}],
                groupes=[{"key": 6, "number": 6, "label": "défaut", "instructeurs": [AGENT]}],
            ),
            _write_demarche(70001, "Autre démarche", path="autre"),
            _write_demarche(70002, "Démarche close", path="demarche-close", state="close"),
            _write_demarche(70003, "Non ouverte", path="non-ouverte", opendata=False),
            _write_demarche(70004, "D’une autre administratrice"),
            _write_demarche(70006, "Démarche vide"),
        )
    )


def _labels(first: int) -> list[dict[str, Any]]:
    names = (("À revoir", "pink_macaron"), ("Complet", "green_emeraude"), ("Autre", "blue_ecume"))
    return [
        {"number": first + place, "name": name, "color": color} for place, (name, color) in enumerate(names)
    ]


def _write_demarche(number: int, title: str, *, annotations: Any = (), **parts: Any) -> dict[str, Any]:
    stable = 777000 + number % 1000
    champs = parts.pop("champs", [{"id": stable, "kind": "text", "label": "Texte", "required": True}])
    return {
        "number": number,
        "title": title,
        "path": f"demarche-{number}",
        "date_creation": _WHEN,
        "date_publication": _WHEN,
        "cadre_juridique_url": "un cadre juridique important",
        "service": {"nom": "Service des essais", "organisme": "Essais", "typeOrganisme": "autre"},
        "revisions": [
            {
                "number": revision,
                "date_creation": _WHEN,
                "date_publication": published,
                "champs": champs,
                "annotations": list(annotations),
            }
            for revision, published in ((number * 10 + 1, _WHEN), (number * 10 + 2, None))
        ],
        **parts,
    }


def _write_cra() -> dict[str, Any]:
    """The conditions are not in the API's answer: those of the sandbox's own form, by place."""
    form = load_case("read/demarche_form--cra")["body"]["data"]["demarche"]
    champs = [read_descriptor(node) for node in form["activeRevision"]["champDescriptors"]]
    own = json.loads(
        resources.files("ds_bridge.sandbox").joinpath("forms/cra.json").read_text(encoding="utf-8")
    )["revisions"][-1]["champs"]
    renamed = {theirs["id"]: ours["id"] for ours, theirs in zip(_flat(champs), _flat(own), strict=True)}
    for ours, theirs in zip(_flat(champs), _flat(own), strict=True):
        assert ours["kind"] == theirs["kind"]
        if "visible_if" in theirs:
            text = json.dumps(theirs["visible_if"])
            ours["visible_if"] = json.loads(
                re.sub(r'"champ": (\d+)', lambda m: f'"champ": {renamed[int(m[1])]}', text)
            )
    return _write_demarche(
        82349,
        form["title"],
        path="a1dac784-b6a0-4733-82c9-2c5c660797cf",
        champs=champs,
        annotations=_read_annotations("cra"),
        labels=_labels(1),
        groupes=[{"key": 1, "number": 1, "label": "défaut", "instructeurs": [AGENT, AGENTE]}],
    )


def _write_every_type() -> dict[str, Any]:
    form = load_case("read/demarche_form--every_type")["body"]["data"]["demarche"]
    nodes = [one for one in form["activeRevision"]["champDescriptors"] if one["__typename"] not in GONE]
    return _write_demarche(
        99001,
        form["title"],
        path="tous-les-champs",
        for_individual=False,
        champs=[_condition(read_descriptor(node)) for node in nodes],
        annotations=_read_annotations("every_type"),
        groupes=[{"key": 2, "number": 2, "label": "défaut", "instructeurs": [AGENT, AGENTE]}],
    )


def _read_annotations(which: str) -> list[dict[str, Any]]:
    """Told by the public schema alone."""
    revision = load_case(f"prefill/schema--{which}")["body"]["revision"]
    return [read_descriptor(node) for node in revision["annotationDescriptors"]]


def _condition(champ: dict[str, Any]) -> dict[str, Any]:
    """ "Si oui" is the one conditional champ: it stands behind the yes or no."""
    return {**champ, "visible_if": {"champ": 900122, "equals": True}} if champ["label"] == "Si oui" else champ


def _flat(champs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [inner for champ in champs for inner in (champ, *champ.get("champs", ()))]


def read_descriptor(node: dict[str, Any]) -> dict[str, Any]:
    """A descriptor as a form document writes it."""
    name = node["__typename"].removesuffix("ChampDescriptor")
    kind = _KINDS.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    written = {"id": ChampId.parse(node["id"]).stable, "kind": kind, "label": node["label"]}
    written["required"] = node.get("required", False)
    written["description"] = node.get("description") or ""
    for theirs, ours in (("options", "options"), ("otherOption", "other_option"), ("level", "level")):
        if node.get(theirs) is not None:
            written[ours] = node[theirs]
    if kind == "repetition":
        written["champs"] = [read_descriptor(inner) for inner in node["champDescriptors"]]
    return written


WRITES_ANNOTATIONS: list[dict[str, Any]] = [
    {"id": 800201, "kind": "header_section", "label": "Instruction", "level": 1},
    {"id": 800202, "kind": "text", "label": "Note"},
    {"id": 800203, "kind": "textarea", "label": "Avis du service"},
    {"id": 800204, "kind": "email", "label": "Courriel du service"},
    {"id": 800205, "kind": "checkbox", "label": "Vu"},
    {"id": 800206, "kind": "yes_no", "label": "Favorable"},
    {"id": 800207, "kind": "date", "label": "Date interne"},
    {"id": 800208, "kind": "datetime", "label": "Réunion"},
    {"id": 800209, "kind": "integer_number", "label": "Points"},
    {"id": 800210, "kind": "decimal_number", "label": "Montant"},
    {"id": 800211, "kind": "drop_down_list", "label": "Décision", "options": ["Oui", "À revoir"]},
    {
        "id": 800212,
        "kind": "drop_down_list",
        "label": "Décision libre",
        "options": ["Favorable"],
        "other_option": True,
    },
    {
        "id": 800213,
        "kind": "multiple_drop_down_list",
        "label": "Thèmes",
        "options": ["Emploi", "Un, deux", "Santé"],
    },
    {"id": 800214, "kind": "linked_drop_down_list", "label": "Liées", "options": ["--A--", "a1"]},
    {"id": 800215, "kind": "engagement_juridique", "label": "EJ"},
    {"id": 800216, "kind": "piece_justificative", "label": "Pièce interne"},
    {"id": 800217, "kind": "dossier_link", "label": "Dossier voisin"},
    {"id": 800218, "kind": "phone", "label": "Téléphone interne"},
    {
        "id": 800219,
        "kind": "repetition",
        "label": "Suivi",
        "champs": [
            {"id": 800220, "kind": "text", "label": "Étape"},
            {"id": 800221, "kind": "integer_number", "label": "Rang"},
            {"id": 800222, "kind": "yes_no", "label": "Fait"},
            {"id": 800223, "kind": "drop_down_list", "label": "Couleur", "options": ["Rouge", "Vert"]},
        ],
    },
    {"id": 800224, "kind": "formatted", "label": "Borné à 10"},
]
