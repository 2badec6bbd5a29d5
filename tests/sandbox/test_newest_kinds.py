"""The kinds of champ of 2026, and a titre d'identité that is a piece justificative by its nature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from ds_bridge.sandbox.dossiers import Identity
from ds_bridge.sandbox.forms import Descriptor
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import data, post

NEWEST = 99004
TITRE, PREFILLED = 700403, 700402
CHAMPS = """
query($n: Int!) { dossier(number: $n) { champs { __typename label stringValue
  ... on PieceJustificativeChamp { nature files { filename } } %s } } }
"""
TITRES = "... on TitreIdentiteChamp { filled grantType }"


def read(server: SandboxServer, number: int, fragment: str) -> dict[str, dict[str, Any]]:
    champs = data(server, CHAMPS % fragment, n=number)["dossier"]["champs"]
    return {champ["label"]: champ for champ in champs}


def test_a_titre_is_a_piece_to_the_form_and_a_titre_to_a_query_that_names_it(server: SandboxServer) -> None:
    home = server.world.demarches[NEWEST]
    number = min(home.dossiers)
    champ = Descriptor(TITRE, "piece_justificative", "Titre d’identité", nature="TITRE_IDENTITE")
    revision = replace(home.form.active, champs=(*home.form.active.champs, champ))
    server.world.set_demarche(NEWEST, revisions=(revision,))
    file = {"filename": "carte.png", "content_type": "image/png", "text": "x"}
    server.world.modify(number, {TITRE: [file]})
    titre = read(server, number, TITRES)["Titre d’identité"]
    assert titre == {
        "__typename": "TitreIdentiteChamp",
        "label": "Titre d’identité",
        "stringValue": None,
        "filled": True,
        "grantType": "piece_justificative",
    }
    piece = read(server, number, "")["Titre d’identité"]
    assert (piece["__typename"], piece["nature"]) == ("PieceJustificativeChamp", "TITRE_IDENTITE")
    form = httpx.get(f"{server.url}/preremplir/nouveautes-2026/schema").json()
    kinds = {champ["label"]: champ["__typename"] for champ in form["revision"]["champDescriptors"]}
    assert kinds["Titre d’identité"] == "PieceJustificativeChampDescriptor"


def test_kinds_of_2026_are_texts(server: SandboxServer) -> None:
    query = (
        "query($n: Int!) { demarche(number: $n) { activeRevision { champDescriptors { __typename type } } } }"
    )
    found = data(server, query, n=NEWEST)["demarche"]["activeRevision"]["champDescriptors"]
    assert [(one["__typename"], one["type"]) for one in found][2:] == [
        ("AAHChampDescriptor", "aah"),
        ("AEEHChampDescriptor", "aeeh"),
        ("ARSChampDescriptor", "ars"),
        ("EtudiantBoursierChampDescriptor", "etudiant_boursier"),
    ]
    number = min(server.world.demarches[NEWEST].dossiers)
    assert read(server, number, "")["Attestation AAH"]["__typename"] == "TextChamp"


def test_pre_rempli_is_prefilled(server: SandboxServer) -> None:
    key = "champ_Q2hhbXAtNzAwNDAy"
    address = f"{server.url}/api/public/v1/demarches/{NEWEST}/dossiers"
    made = httpx.post(address, json={key: "CNV-7"}).json()
    draft = server.world.draft(made["dossier_prefill_token"])
    assert draft is not None
    assert (draft.identity, draft.values) == (Identity(), {PREFILLED: "CNV-7"})


def test_demarches_one_may_know_of(server: SandboxServer) -> None:
    query = """
    query($first: Int, $after: String, $last: Int, $before: String) {
      demarcheDescriptors(first: $first, after: $after, last: $last, before: $before) {
        pageInfo { endCursor startCursor hasNextPage hasPreviousPage }
        nodes { number dossiersCount } edges { cursor node { number } }
      }
    }
    """
    page = data(server, query, first=2)["demarcheDescriptors"]
    assert [node["number"] for node in page["nodes"]] == [82349, 99001]
    assert page["nodes"][0]["dossiersCount"] == 12
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = data(server, query, after=page["pageInfo"]["endCursor"])["demarcheDescriptors"]
    assert [edge["node"]["number"] for edge in rest["edges"]] == [99002, 99003, NEWEST]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    last = data(server, query, last=1, before=rest["edges"][-1]["cursor"])["demarcheDescriptors"]
    assert [node["number"] for node in last["nodes"]] == [99003]
    assert data(server, query, last=0)["demarcheDescriptors"]["nodes"] == []
    refused = post(server, {"query": query, "variables": {"after": "%%"}}).json()
    assert refused["errors"][0]["message"] == "Invalid input: '%%'"
    stored = {"queryId": "ds-query-v2", "operationName": "getDemarcheDescriptors"}
    public = post(server, stored, None).json()["data"]["demarcheDescriptors"]["nodes"]
    assert [node["number"] for node in public] == [82349, 99001, 99003, NEWEST]
    server.world.set_demarche(NEWEST, state="brouillon")
    public = post(server, stored, None).json()["data"]["demarcheDescriptors"]["nodes"]
    assert NEWEST not in [node["number"] for node in public]
