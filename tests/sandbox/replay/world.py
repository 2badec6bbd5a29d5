"""A World that takes the role of the recorded one: its démarches, dossiers, people and tokens."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace
from typing import Any

from ds_bridge.sandbox.dossiers import DeletedDossier, Dossier, Identity, Kept, Row, Token
from ds_bridge.sandbox.instruction import (
    Avis,
    Correction,
    Instruction,
    Message,
    StoredFile,
    Traitement,
)
from ds_bridge.sandbox.world import World
from tests.sandbox.replay.cases import load_case
from tests.sandbox.replay.forms import AGENT, AGENTE, NOWHERE, list_forms
from tests.sandbox.replay.values import read_values

NOW = dt.datetime(2026, 11, 30, 0, 30, tzinfo=dt.UTC)
AGENT_EMAIL, AGENTE_EMAIL = "agent@exemple.fr", "agente@exemple.fr"
ROWS = {57: "01M5C2NGW0K51R4WB5YGP1Z9EN", 58: "01M5C2QBF0HRJ5TP2AC3ZB2GYJ"}
_PLATFORM = "contact@demarche.numerique.gouv.fr"
_PLACES = {82349: 1, 99001: 2, 99002: 3, 99003: 6}


def make_world() -> World:
    """Nothing in it changes by itself: the clock stands."""
    world = World(seed=7, clock=lambda: NOW, forms=list_forms())
    world.instructeurs = {AGENT: AGENT_EMAIL, AGENTE: AGENTE_EMAIL, NOWHERE: "ailleurs@exemple.fr"}
    everything = frozenset(world.demarches) - {70004}
    world.tokens = {
        "full": Token("full", "jeton-complet", demarches=everything, can_write=True),
        "readonly": Token("readonly", "jeton-lecture", demarches=everything),
        "other_only": Token("other_only", "jeton-autre", demarches=frozenset({70001}), can_write=True),
        "expired": replace(world.tokens["expired"], secret="jeton-expire"),
        "network": replace(world.tokens["network"], secret="jeton-reseau"),
    }
    pages = ("read/dossiers_page--cra-all-every_option", "read/dossiers_page--every_type-without_rna_commune")
    for name in pages:
        for node in _list_nodes(name, "dossiers"):
            world.add_dossier(_read_dossier(node))
    _add_writes(world)
    _add_others(world)
    return world


def _list_nodes(name: str, connection: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = load_case(name)["body"]["data"]["demarche"][connection]["nodes"]
    return nodes


def _at(text: str | None) -> Any:
    return None if text is None else dt.datetime.fromisoformat(text)


def _key(text: str) -> int:
    return int(base64.b64decode(text).decode().rpartition("-")[2])


def _read_dossier(node: dict[str, Any]) -> Dossier:
    demandeur = node["demandeur"]
    company = demandeur.get("siret")
    deposited, modified = _at(node["dateDepot"]), _at(node["dateDerniereModification"])
    instructed = [one for one in node["traitements"] if one["event"] == "passe_en_instruction"]
    number = node["demarche"]["number"]
    return Dossier(
        number=node["number"],
        demarche=number,
        revision=number * 10 + 1,
        state=node["state"],
        deposited_at=deposited,
        modified_at=modified,
        content=Kept(read_values(node["champs"])),
        identity=Identity()
        if company
        else Identity(_civilite(demandeur["civilite"]), demandeur["nom"], demandeur["prenom"]),
        siret=company,
        company_lost=demandeur["__typename"] == "PersonneMoraleIncomplete",
        email=node["usager"]["email"],
        archived=node["archived"],
        groupe=node["groupeInstructeur"]["number"],
        instruction_at=_at(instructed[-1]["dateTraitement"]) if instructed else None,
        processed_at=_at(node["dateTraitement"]),
        instruction=_read_instruction(node),
    )


def _civilite(text: str | None) -> str | None:
    return "M." if text == "M" else text


def _read_instruction(node: dict[str, Any]) -> Instruction:
    followers = {AGENT_EMAIL: AGENT, AGENTE_EMAIL: AGENTE}
    return Instruction(
        traitements=tuple(
            Traitement(
                _key(one["id"]),
                one["event"],
                "en_construction",
                _at(one["dateTraitement"]),
                one["emailAgentTraitant"],
                one["motivation"],
            )
            for one in node["traitements"]
        ),
        messages=tuple(_read_message(one) for one in node["messages"]),
        avis=tuple(_read_avis(one) for one in node["avis"]),
        labels=tuple(_key(one["id"]) for one in node["labels"]),
        followers=tuple(followers[one["email"]] for one in node["instructeurs"]),
        annotations=read_values(node["annotations"]),
        attestation=_read_file(node["attestation"]),
        motivation_file=_read_file(node["motivationAttachment"]),
    )


def _read_message(one: dict[str, Any]) -> Message:
    asked = one["correction"]
    return Message(
        _key(one["id"]),
        one["email"],
        one["body"],
        _at(one["createdAt"]),
        _at(one["discardedAt"]),
        _read_files(one["attachments"]),
        None if asked is None else Correction(asked["reason"], _at(asked["dateResolution"])),
    )


def _read_avis(one: dict[str, Any]) -> Avis:
    return Avis(
        _key(one["id"]),
        one["question"],
        _at(one["dateQuestion"]),
        one["claimant"]["email"],
        one["expert"]["email"],
        one["reponse"],
        one["questionLabel"],
        one["questionAnswer"],
        _at(one["dateReponse"]),
        _read_files(one["attachments"]),
    )


def _read_files(files: list[dict[str, Any]]) -> tuple[StoredFile, ...]:
    return tuple(
        StoredFile(file["filename"], file["contentType"], b"x", _at(file["createdAt"])) for file in files
    )


def _read_file(file: dict[str, Any] | None) -> StoredFile | None:
    if file is None:
        return None
    return StoredFile(file["filename"], file["contentType"], b"x", _at(file["createdAt"]))


_DEPOSIT = dt.datetime(2026, 10, 20, 7, 0, tzinfo=dt.UTC)


def make_dossier(number: int, state: str, demarche: int = 99002, **more: Any) -> Dossier:
    """A plain dossier of the recorded world: deposited, instructed, decided by the first instructeur."""
    steps = [("depose", "en_construction", None)]
    if state != "en_construction":
        steps.append(("passe_en_instruction", "en_instruction", AGENT_EMAIL))
    if state == "accepte":
        steps.append(("accepte", "accepte", AGENT_EMAIL))
    moments = [_DEPOSIT + dt.timedelta(days=place, minutes=number) for place in range(3)]
    traitements = tuple(
        Traitement(number * 3 + place, event, into, moments[place], agent)
        for place, (event, into, agent) in enumerate(steps)
    )
    messages = tuple(
        Message(number * 3 + place, _PLATFORM, f"<p>{event}</p>", moments[place])
        for place, (event, _, _) in enumerate(steps)
    )
    row = ROWS.get(number, f"01M5C2NGW0K51R4WB5YGP1{number:04d}")
    annotations = {800219: [Row(row, {})]} if demarche == 99002 else {}
    parts: dict[str, Any] = {
        "number": number,
        "demarche": demarche,
        "revision": demarche * 10 + 1,
        "state": state,
        "deposited_at": moments[0],
        "modified_at": moments[len(steps) - 1],
        "content": Kept({770001 if demarche == 99002 else 777000 + demarche % 1000: f"Objet {number - 11}"}),
        "identity": Identity("Mme", f"ESSAI{number}", "Sam"),
        "email": f"usager{number}@exemple.fr",
        "groupe": _PLACES.get(demarche, 0),
        "instruction_at": moments[1] if state != "en_construction" else None,
        "processed_at": moments[2] if state == "accepte" else None,
        "instruction": Instruction(
            traitements=traitements,
            messages=messages,
            annotations=annotations,
            followers=() if state == "en_construction" else (AGENT,),
        ),
    }
    return Dossier(**(parts | more))


def _add_writes(world: World) -> None:
    """Those of the démarche that the mutations were played on."""
    for number in (12, 13, 14, 15, 16):
        world.add_dossier(make_dossier(number, "en_construction"))
    for number in range(46, 67):
        world.add_dossier(make_dossier(number, "en_instruction"))
    for number in (90, 91, 92, 93):
        world.add_dossier(make_dossier(number, "accepte"))
    for number in (120, 121):
        world.add_dossier(make_dossier(number, "accepte", archived=True))
    hidden = {"hidden_by_administration_at": _DEPOSIT, "hidden_reason": "instructeur_request"}
    for number in (123, 124):
        world.add_dossier(make_dossier(number, "en_instruction", **hidden))
    by_user = {"hidden_by_user_at": _DEPOSIT, "hidden_reason": "user_request"}
    world.add_dossier(make_dossier(126, "accepte", **by_user))
    world.add_dossier(make_dossier(128, "en_construction", **by_user))
    world.add_dossier(make_dossier(133, "en_construction", expired_at=_DEPOSIT))
    world.add_dossier(make_dossier(135, "en_instruction", third_party=("TIERS", "Camille")))
    world.add_dossier(
        make_dossier(137, "en_instruction", siret="13002526500013", company_lost=True, identity=Identity())
    )
    world.add_dossier(make_dossier(147, "en_instruction", 99003))
    world.add_dossier(make_dossier(150, "accepte", user_deleted=True, email="parti@exemple.fr"))
    world.add_dossier(make_dossier(169, "en_construction", 70004))


def _add_others(world: World) -> None:
    """The deletions of démarche 70001: gone for good, and hidden."""
    other = world.demarches[70001]
    names = ("walks/deleted_dossiers_page--other-page1", "walks/deleted_dossiers_page--other-page2")
    nodes = [node for name in names for node in _list_nodes(name, "deletedDossiers")]
    for place, node in enumerate(nodes):
        gone = DeletedDossier(
            3 + place, node["number"], 70001, node["state"], node["reason"], _at(node["dateSupression"])
        )
        other.put_deleted(gone)
    for page in (1, 2):
        name = f"walks/pending_deleted_dossiers_page--other-page{page}"
        for node in _list_nodes(name, "pendingDeletedDossiers"):
            by = "user" if node["reason"] == "user_request" else "administration"
            fields = {f"hidden_by_{by}_at": _at(node["dateSupression"]), "hidden_reason": node["reason"]}
            world.add_dossier(make_dossier(node["number"], node["state"], 70001, **fields))
