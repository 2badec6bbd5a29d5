"""The page that shows a person what became of the dossier: messages, corrections, the decision."""

from __future__ import annotations

import re
from typing import Any

import httpx

from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.dossiers import Identity
from ds_bridge.sandbox.node import typed_id
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, data


def act(server: SandboxServer, name: str, number: int, **more: Any) -> dict[str, Any]:
    kind = name[0].upper() + name[1:]
    query = f"mutation Act($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ message }} }} }}"
    given = {
        "dossierId": encode_typed_id("Dossier", number),
        "instructeurId": typed_id("Instructeur", 1),
        **more,
    }
    payload: dict[str, Any] = data(server, query, input=given)[name]
    assert payload["errors"] is None
    return payload


def read_page(server: SandboxServer, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/dossiers/{token}/suivi")


def test_a_person_sees_messages_and_the_decision(server: SandboxServer) -> None:
    world = server.world
    draft = world.create_draft(CRA, Identity("Mme", "NOËL", "Zoé"), {})
    assert read_page(server, draft.token).headers["location"] == f"/dossiers/{draft.token}/brouillon"
    world.deposit(draft.token, "zoe@example.org")
    assert "Aucun message." in read_page(server, draft.token).text
    thanks = httpx.get(f"{server.url}/dossiers/{draft.token}/merci").text
    assert f'href="/dossiers/{draft.token}/suivi"' in thanks
    act(server, "dossierPasserEnInstruction", draft.number)
    act(server, "dossierEnvoyerMessage", draft.number, body="<b>À préciser</b>", correction="incomplete")
    page = read_page(server, draft.token).text
    assert 'id="etat">en construction<' in page
    assert "Une correction vous est demandée" in page
    assert "&lt;b&gt;À préciser&lt;/b&gt;" in page
    assert "<strong>pris en charge</strong>" in page
    assert "instructrice@anct.example" in page
    act(server, "dossierPasserEnInstruction", draft.number)
    act(server, "dossierRefuser", draft.number, motivation="Hors <délai>")
    page = read_page(server, draft.token).text
    assert 'id="etat">refusé<' in page
    assert 'id="motivation">Hors &lt;délai&gt;<' in page
    assert "correction vous est demandée" not in page


def test_a_removed_message_is_said_and_files_are_there_to_take(server: SandboxServer) -> None:
    world = server.world
    draft = world.create_draft(99001, Identity(), {})
    world.deposit(draft.token, "zoe@example.org")
    world.change_state(draft.number, "en_instruction")
    world.change_state(draft.number, "refuse")
    page = read_page(server, draft.token).text
    address = re.search(r'href="(/sandbox/files/[^"]+)">décision.pdf<', page)
    assert address is not None
    assert httpx.get(f"{server.url}{address[1]}").text == f"Décision sur le dossier {draft.number}\n"
    act(server, "dossierEnvoyerMessage", draft.number, body="à retirer")
    dossier = world.dossier(draft.number)
    assert dossier is not None
    message = world.read_instruction(dossier).messages[-1]
    query = """
    mutation($input: DossierSupprimerMessageInput!) {
      dossierSupprimerMessage(input: $input) { errors { message } }
    }
    """
    given = {"messageId": typed_id("Commentaire", message.id), "instructeurId": typed_id("Instructeur", 1)}
    data(server, query, input=given)
    page = read_page(server, draft.token).text
    assert "Message supprimé" in page
    assert "à retirer" not in page


def test_what_nobody_sees_any_more(server: SandboxServer) -> None:
    assert read_page(server, "inconnu").status_code == 404
    draft = server.world.create_draft(CRA, Identity(), {})
    server.world.deposit(draft.token, "zoe@example.org")
    server.world.hide_by_user(draft.number)
    assert read_page(server, draft.token).status_code == 404
