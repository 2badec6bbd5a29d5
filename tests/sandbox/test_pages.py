"""The pages and public addresses of the sandbox, without a browser: tests/browser has the rest."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ds_bridge.form import Form
from ds_bridge.ids import encode_typed_id
from ds_bridge.prefill import Identity, build_link
from ds_bridge.sandbox.dossiers import Identity as SandboxIdentity
from ds_bridge.sandbox.dossiers import Row
from ds_bridge.sandbox.forms import load_forms, read_form
from ds_bridge.sandbox.pages import create_router
from ds_bridge.sandbox.world import CRA_NUMBER, World

ORIGIN = "http://testserver"
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
CRA = load_forms()[0]
NOM, PRENOM, IDENTIFIANT, EMAIL = 3566491, 3566520, 3566523, 3566524
STRUCTURE_NOM, STRUCTURE_IDENTIFIANT = 3566521, 3566522
EVENEMENTS_CHOIX, EVENEMENTS, PARTENARIATS_CHOIX, ACCOMPAGNEMENTS_CHOIX = 3566495, 3566496, 3566504, 3566512
TEMPS, TEMPS_REPARTI, TEMPS_ANIMATION = 3566530, 3811707, 3811709
ZOE = SandboxIdentity("Mme", "NOËL", "Zoé")
WHO = {"civilite": "Mme", "prenom": "Zoé", "nom": "NOËL", "email": "zoe@example.org"}


class Visitor:
    """A browser without a screen: keeps cookies, does not follow redirects by itself."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = FastAPI()
        self.app.include_router(create_router(world))
        self.cookies = httpx.Cookies()

    def ask(self, method: str, url: str, **parts: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, url, **parts)
                self.cookies.update(client.cookies)
                return answer

        return asyncio.run(send())

    def get(self, url: str) -> httpx.Response:
        return self.ask("GET", url)

    def post(self, url: str, data: dict[str, Any]) -> httpx.Response:
        return self.ask("POST", url, data=data)

    def start(self, link: str = f"/commencer/{CRA.path}?identite_nom=N") -> str:
        """Open a link and give the address of its draft, up to the token."""
        assert self.get(link).status_code == 200
        return f"/dossiers/{list(self.world.drafts)[-1]}"

    def reach_form(self, link: str = f"/commencer/{CRA.path}?identite_nom=N") -> str:
        draft = self.start(link)
        answer = self.post(f"{draft}/identite", WHO)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{draft}/brouillon")
        return draft


@pytest.fixture
def world() -> World:
    return World(seed=1, clock=lambda: NOON)


@pytest.fixture
def visitor(world: World) -> Visitor:
    return Visitor(world)


def text_of(answer: httpx.Response) -> str:
    """What a person reads of a page, roughly."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def complete() -> dict[str, Any]:
    """The smallest answers that can be deposited."""
    return {
        f"champ-{NOM}": "NOËL",
        f"champ-{PRENOM}": "Zoé",
        f"champ-{IDENTIFIANT}": "4211",
        f"champ-{EMAIL}": "zoe@example.org",
        f"champ-{STRUCTURE_NOM}": "Mairie",
        f"champ-{STRUCTURE_IDENTIFIANT}": "87",
        f"champ-{EVENEMENTS_CHOIX}": "n'ai pas d'événement à ajouter",
        f"champ-{PARTENARIATS_CHOIX}": "n'ai pas de nouveau partenariat à ajouter",
        f"champ-{ACCOMPAGNEMENTS_CHOIX}": "n'ai pas de nouvel accompagnement à ajouter",
        f"champ-{TEMPS}": "5",
    }


# --- the way in


def test_the_index_lists_demarches_and_the_api(visitor: Visitor) -> None:
    text = text_of(visitor.get("/"))
    assert "Bac à sable — aucune donnée n’est envoyée à l’administration" in text
    assert CRA.title in text
    assert f"{ORIGIN}/api/v2/graphql" in text


def test_every_page_allows_nothing_from_elsewhere(visitor: Visitor) -> None:
    answer = visitor.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert set(re.findall(r'(?:src|href)="(/bac-a-sable/[^"]+)"', answer.text)) == {
        "/bac-a-sable/pages.css",
        "/bac-a-sable/pages.js",
    }
    for name, kind in (("pages.css", "text/css"), ("pages.js", "javascript")):
        served = visitor.get(f"/bac-a-sable/{name}")
        assert served.status_code == 200
        assert kind in served.headers["content-type"]
    assert visitor.get("/bac-a-sable/base.html").status_code == 404


def test_without_prefill_one_starts_by_hand(visitor: Visitor, world: World) -> None:
    answer = visitor.get(f"/commencer/{CRA.path}?utm_source=mail")
    assert "Commencer la démarche" in text_of(answer)
    assert world.drafts == {}
    started = visitor.post(f"/commencer/{CRA.path}", {})
    (draft,) = world.drafts.values()
    assert (started.status_code, started.headers["location"]) == (303, f"/dossiers/{draft.token}/identite")
    assert (draft.prefilled, draft.state) == (False, "brouillon")


def test_a_link_makes_a_prefilled_draft(visitor: Visitor, world: World) -> None:
    zoe = Identity(nom="NOËL & <b>#1</b>", prenom="Zoé", genre="Mme", identifiant=4211)
    fields = {"nom": str(NOM), "identifiant": str(IDENTIFIANT)}
    link = build_link(ORIGIN, CRA.path, zoe, {"999": "dropped in silence"}, fields=fields)
    text = text_of(visitor.get(link))
    assert "Poursuivre mon dossier prérempli" in text
    assert "Commencer la démarche" not in text
    (draft,) = world.drafts.values()
    assert draft.values == {NOM: "NOËL & <b>#1</b>", IDENTIFIANT: 4211}
    assert (draft.identity.civilite, draft.identity.nom) == ("Mme", "NOËL & <b>#1</b>")
    assert (draft.prefilled, draft.state, draft.prefilled_champs) == (
        True,
        "prefilled",
        frozenset({NOM, IDENTIFIANT}),
    )
    page = visitor.get(f"/dossiers/{draft.token}/identite")
    assert 'value="NOËL &amp; &lt;b&gt;#1&lt;/b&gt;"' in page.text
    assert "<b>" not in page.text


def test_a_link_whose_values_are_all_dropped_still_makes_a_draft(visitor: Visitor, world: World) -> None:
    visitor.get(f"/commencer/{CRA.path}?champ_jane_doe=x")
    (draft,) = world.drafts.values()
    assert draft.values == {}
    assert draft.prefilled


def test_reloading_finds_the_same_draft_and_other_values_make_another(visitor: Visitor, world: World) -> None:
    first = f"/commencer/{CRA.path}?champ_Q2hhbXAtMzU2NjQ5MQ=A"
    visitor.get(first)
    visitor.get(first)
    assert len(world.drafts) == 1
    visitor.get(f"/commencer/{CRA.path}?champ_Q2hhbXAtMzU2NjQ5MQ=B")
    assert len(world.drafts) == 2
    Visitor(world).get(first)
    assert len(world.drafts) == 3


def test_a_draft_is_found_by_its_token_until_it_dies(visitor: Visitor, world: World) -> None:
    draft = world.create_draft(CRA_NUMBER, ZOE, {NOM: "NOËL"})
    address = f"/commencer/{CRA.path}?prefill_token={draft.token}"
    answer = visitor.get(address)
    assert f"/dossiers/{draft.token}/identite" in answer.text
    assert len(world.drafts) == 1
    world.advance(dt.timedelta(days=5))
    assert Visitor(world).get(address).status_code == 404
    assert visitor.get(f"/dossiers/{draft.token}/identite").status_code == 404
    assert visitor.get(f"/dossiers/{draft.token}/brouillon").status_code == 404
    assert visitor.get(f"/commencer/{CRA.path}?prefill_token=unknown").status_code == 404


def test_an_old_path_redirects_and_loses_everything(visitor: Visitor, world: World) -> None:
    answer = visitor.get(f"/commencer/{CRA.old_paths[0]}?identite_nom=N&champ_Q2hhbXAtMzU2NjQ5MQ=A")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/commencer/{CRA.path}")
    assert world.drafts == {}


def test_what_is_not_there_is_said(visitor: Visitor) -> None:
    answer = visitor.get("/commencer/rien?identite_nom=N")
    assert (answer.status_code, answer.headers["location"]) == (302, "/")


def test_a_closed_demarche_takes_no_dossier(visitor: Visitor, world: World) -> None:
    world.set_demarche(CRA_NUMBER, state="close")
    closed = f"/fermeture/{CRA.path}"
    for answer in (
        visitor.get(f"/commencer/{CRA.path}?identite_nom=N"),
        visitor.post(f"/commencer/{CRA.path}", {}),
    ):
        assert (answer.status_code, answer.headers["location"]) == (302, closed)
    assert "est close" in text_of(visitor.get(closed))
    world.set_demarche(CRA_NUMBER, state="publiee")
    assert visitor.get(closed).headers["location"] == "/"
    assert world.drafts == {}


@pytest.mark.parametrize("query", ["champ_x=%", "champ_x=%FF", "a=1&a[]=2"])
def test_a_query_the_server_cannot_read_is_a_400(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/commencer/{CRA.path}?{query}")
    assert answer.status_code == 400
    assert "mal formés" in text_of(answer)


# --- identity


def test_identity_has_to_be_complete(visitor: Visitor, world: World) -> None:
    draft = visitor.start()
    answer = visitor.post(f"{draft}/identite", {"nom": " ", "email": "zoe"})
    assert answer.status_code == 422
    text = text_of(answer)
    assert "4 erreurs sont à corriger" in text
    for label in ("Civilité", "Prénom", "Nom"):
        assert f"Le champ « {label} » doit être rempli." in text
    assert 'href="#civilite-mme"' in answer.text
    assert 'value="zoe"' in answer.text
    assert 'aria-invalid="true" aria-describedby="email-erreur email-aide"' in answer.text
    assert next(iter(world.drafts.values())).state == "prefilled"


def test_identity_claims_the_draft_and_gives_required_blocks_a_row(visitor: Visitor, world: World) -> None:
    visitor.reach_form()
    (draft,) = world.drafts.values()
    assert (draft.state, draft.email, draft.identity.prenom) == ("brouillon", "zoe@example.org", "Zoé")
    assert [len(draft.values[block]) for block in (EVENEMENTS, 3566505, 3566513)] == [1, 1, 1]
    assert draft.prefilled_champs == frozenset()


def test_the_form_comes_after_the_identity(visitor: Visitor) -> None:
    draft = visitor.start()
    answer = visitor.get(f"{draft}/brouillon")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{draft}/identite")
    posted = visitor.post(f"{draft}/brouillon", complete() | {"action": "deposer"})
    assert (posted.status_code, posted.headers["location"]) == (303, f"{draft}/identite")
    assert visitor.get(f"{draft}/merci").headers["location"] == f"{draft}/brouillon"


# --- the form


def test_champs_are_drawn_with_their_values_and_marks(visitor: Visitor) -> None:
    draft = visitor.reach_form(f"/commencer/{CRA.path}?champ_Q2hhbXAtMzU2NjQ5MQ=No%C3%ABl+%26+%22Cie%22")
    page = visitor.get(f"{draft}/brouillon").text
    assert (
        f'id="champ-{NOM}" name="champ-{NOM}" type="text" value="Noël &amp; &#34;Cie&#34;" required' in page
    )
    assert f'<label for="champ-{NOM}">Veuillez renseigner votre nom de famille ' in page
    assert page.count('<h2 class="section">') == 5
    hidden = re.findall(r'data-champ="(\d+)"[^>]* hidden>', page)
    assert str(EVENEMENTS) in hidden
    assert str(TEMPS_ANIMATION) in hidden
    assert str(TEMPS) not in hidden
    assert "Ajouter un élément pour « ÉVÉNEMENT »" in page


def test_a_draft_is_saved_as_it_stands(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form()
    answer = visitor.post(
        f"{draft}/brouillon",
        {
            f"champ-{NOM}": "NOËL",
            f"champ-{IDENTIFIANT}": "4 211",
            f"champ-{TEMPS_ANIMATION}": "2",
            "action": "brouillon",
        },
    )
    assert answer.headers["location"] == f"{draft}/brouillon?enregistre=1"
    assert "Le brouillon est enregistré." in text_of(visitor.get(f"{draft}/brouillon?enregistre=1"))
    (saved,) = world.drafts.values()
    values = {number: value for number, value in saved.values.items() if value is not False}
    assert values == {NOM: "NOËL", IDENTIFIANT: 4211, TEMPS_ANIMATION: 2}


def test_what_cannot_be_read_is_shown_again_and_the_rest_kept(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form()
    answer = visitor.post(f"{draft}/brouillon", {f"champ-{NOM}": "NOËL", f"champ-{IDENTIFIANT}": "4<211"})
    assert answer.status_code == 422
    assert "(ID CoNum) » doit être un nombre entier" in text_of(answer)
    assert 'value="4&lt;211"' in answer.text
    (saved,) = world.drafts.values()
    assert saved.values[NOM] == "NOËL"
    assert IDENTIFIANT not in saved.values


def test_rows_come_and_go(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form()

    def rows() -> list[Row]:
        return list(next(iter(world.drafts.values())).values.get(EVENEMENTS, []))

    (first,) = rows()
    typed: dict[str, Any] = {
        f"lignes-{EVENEMENTS}": first.id,
        f"champ-{EVENEMENTS}-{first.id}-3566497": "Forum",
    }
    added = visitor.post(f"{draft}/brouillon", typed | {"action": f"ajouter-{EVENEMENTS}"})
    first, second = rows()
    assert added.headers["location"] == f"{draft}/brouillon#ligne-{second.id}"
    assert (first.values, second.values) == ({3566497: "Forum"}, {})
    typed = {
        f"lignes-{EVENEMENTS}": [first.id, second.id],
        f"champ-{EVENEMENTS}-{second.id}-3566497": "Salon",
    }
    removed = visitor.post(f"{draft}/brouillon", typed | {"action": f"supprimer-{EVENEMENTS}-{first.id}"})
    assert removed.headers["location"] == f"{draft}/brouillon#champ-{EVENEMENTS}"
    (left,) = rows()
    assert (left.id, left.values) == (second.id, {3566497: "Salon"})


def test_a_deposit_has_to_be_complete(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form()
    answer = visitor.post(f"{draft}/brouillon", {f"champ-{EMAIL}": "zoe", "action": "deposer"})
    assert answer.status_code == 422
    text = text_of(answer)
    assert "10 erreurs sont à corriger" in text
    assert "Le champ « Veuillez renseigner votre nom de famille » doit être rempli." in text
    assert "votre adresse mail » doit être une adresse électronique valide" in text
    assert "Le champ « Je » (PARTENARIATS) doit être rempli." in text
    assert f'href="#champ-{EVENEMENTS_CHOIX}-1"' in answer.text
    assert f'aria-describedby="champ-{NOM}-erreur champ-{NOM}-aide"' in answer.text
    assert next(iter(world.drafts.values())).state == "brouillon"


def test_what_applies_has_to_be_complete_in_rows_too(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form()
    row = next(iter(world.drafts.values())).values[EVENEMENTS][0].id
    name = f"champ-{EVENEMENTS}-{row}"
    typed = complete() | {
        f"champ-{EVENEMENTS_CHOIX}": "souhaite ajouter au moins un événement",
        f"lignes-{EVENEMENTS}": row,
        f"{name}-3566498": ["Une commune", "Inconnue"],
        f"{name}-3566499": "Autre",
        f"{name}-3566501": "12/05/2024",
        "action": "deposer",
    }
    text = text_of(visitor.post(f"{draft}/brouillon", typed))
    assert "4 erreurs sont à corriger" in text
    assert "Le champ « Nom de l'événement » (ÉVÉNEMENT 1) doit être rempli." in text
    assert "Le champ « Organisé par » (ÉVÉNEMENT 1) doit être choisi dans la liste." in text
    assert "Le champ « Précisez » (ÉVÉNEMENT 1) doit être rempli." in text
    assert "Le champ « Date de l'événement » (ÉVÉNEMENT 1) doit être une date valide (jj/mm/aaaa)." in text
    typed[f"lignes-{EVENEMENTS}"] = []
    assert "Le champ « ÉVÉNEMENT » doit comporter au moins un élément." in text_of(
        visitor.post(f"{draft}/brouillon", typed)
    )


def test_a_deposit_keeps_only_what_applies(visitor: Visitor, world: World) -> None:
    draft = visitor.reach_form(f"/commencer/{CRA.path}?champ_Q2hhbXAtMzU2NjQ5MQ=N")
    row = next(iter(world.drafts.values())).values[EVENEMENTS][0].id
    typed = complete() | {
        f"champ-{TEMPS_ANIMATION}": "2",
        f"lignes-{EVENEMENTS}": row,
        f"champ-{EVENEMENTS}-{row}-3566497": "Forum",
        "action": "deposer",
    }
    answer = visitor.post(f"{draft}/brouillon", typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{draft}/merci")
    (saved,) = world.drafts.values()
    dossier = world.dossier(saved.number)
    assert dossier is not None
    assert dossier.values == {
        NOM: "NOËL",
        PRENOM: "Zoé",
        IDENTIFIANT: 4211,
        EMAIL: "zoe@example.org",
        STRUCTURE_NOM: "Mairie",
        STRUCTURE_IDENTIFIANT: 87,
        EVENEMENTS_CHOIX: "n'ai pas d'événement à ajouter",
        PARTENARIATS_CHOIX: "n'ai pas de nouveau partenariat à ajouter",
        ACCOMPAGNEMENTS_CHOIX: "n'ai pas de nouvel accompagnement à ajouter",
        TEMPS: 5,
        TEMPS_REPARTI: False,
        3811702: False,
    }
    assert (dossier.prefilled, dossier.email, dossier.state) == (True, "zoe@example.org", "en_construction")
    thanks = visitor.get(f"{draft}/merci")
    assert f"Dossier n° {dossier.number}" in text_of(thanks)
    assert visitor.get(f"{draft}/brouillon").headers["location"] == f"{draft}/merci"
    again = visitor.post(f"{draft}/brouillon", typed)
    assert again.headers["location"] == f"{draft}/merci"
    assert visitor.get(f"{draft}/identite").headers["location"] == f"{draft}/merci"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "ajouter-999"},
        {"action": f"supprimer-{EVENEMENTS}-nothing"},
        {"action": "effacer"},
        {"action": f"ajouter-{NOM}"},
        {f"lignes-{EVENEMENTS}": "../<script>"},
        {"champ-999": "x", "champ-": "y", "": "z"},
    ],
)
def test_forged_fields_do_nothing(visitor: Visitor, world: World, data: dict[str, str]) -> None:
    draft = visitor.reach_form()
    answer = visitor.post(f"{draft}/brouillon", data)
    assert answer.status_code == 303
    (saved,) = world.drafts.values()
    assert {number for number, value in saved.values.items() if value} <= {EVENEMENTS}


def test_too_much_is_refused(visitor: Visitor) -> None:
    draft = visitor.reach_form()
    answer = visitor.post(f"{draft}/brouillon", {f"champ-{NOM}": "x" * 5_000_000})
    assert answer.status_code == 413
    flood = "&".join(f"a{number}=" for number in range(20_001))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.ask("POST", f"{draft}/identite", content=flood, headers=headers).status_code == 413


def test_other_kinds_are_drawn_and_read() -> None:
    date = "2024-01-01T00:00:00+01:00"
    champs: list[dict[str, Any]] = [
        {"id": 1, "kind": "textarea", "label": "Texte"},
        {"id": 2, "kind": "decimal_number", "label": "Décimal"},
        {"id": 3, "kind": "yes_no", "label": "Oui ou non"},
        {"id": 4, "kind": "datetime", "label": "Quand"},
        {"id": 5, "kind": "civilite", "label": "Civilité"},
        {"id": 6, "kind": "drop_down_list", "label": "Choix", "options": ["a", "b"], "other_option": True},
        {"id": 7, "kind": "piece_justificative", "label": "Pièce", "required": True},
    ]
    revision = {"number": 1, "date_creation": date, "champs": champs}
    document = {"number": 5, "title": "T", "path": "t", "date_creation": date, "for_individual": False}
    world = World(clock=lambda: NOON, forms=(read_form({**document, "revisions": [revision]}),))
    visitor = Visitor(world)
    draft = visitor.start("/commencer/t?champ_Q2hhbXAtMQ=%0Aune%0Adeux&champ_Q2hhbXAtMg=3.10")
    assert "Civilité" not in text_of(visitor.get(f"{draft}/identite"))
    visitor.post(f"{draft}/identite", {"email": "zoe@example.org"})
    page = visitor.get(f"{draft}/brouillon").text
    assert 'rows="5" >\n\nune\ndeux</textarea>' in page
    assert 'value="3,1"' in page
    typed = {
        "champ-1": "une\r\ndeux",
        "champ-2": "-2,125",
        "champ-3": "false",
        "champ-4": "2024-05-12T10:30",
        "champ-5": "M.",
        "champ-6": "__other__",
        "champ-6-autre": "c",
        "action": "deposer",
    }
    assert visitor.post(f"{draft}/brouillon", typed).headers["location"] == f"{draft}/merci"
    dossier = world.dossier(next(iter(world.drafts.values())).number)
    assert dossier is not None
    assert dossier.values == {
        1: "une\ndeux",
        2: -2.125,
        3: False,
        4: "2024-05-12T10:30:00+02:00",
        5: "M.",
        6: "c",
    }


# --- for programs


def test_the_public_schema_is_a_form(visitor: Visitor, world: World) -> None:
    answer = visitor.get(f"/preremplir/{CRA.path}/schema")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    form = Form.from_schema(answer.json())
    assert (form.number, form.title, len(form.fields)) == (CRA_NUMBER, CRA.title, len(CRA.active.champs))
    for field, descriptor in zip(form.fields, CRA.active.champs, strict=True):
        assert (field.number, field.kind, field.label) == (
            descriptor.stable,
            descriptor.kind,
            descriptor.label,
        )
        assert [inner.number for inner in field.fields] == [inner.stable for inner in descriptor.champs]
        assert field.options == descriptor.options
    assert visitor.get("/preremplir/rien/schema").status_code == 404
    world.set_demarche(CRA_NUMBER, opendata=False)
    assert visitor.get(f"/preremplir/{CRA.path}/schema").status_code == 404


PUBLIC = f"/api/public/v1/demarches/{CRA_NUMBER}/dossiers"
JSON = {"content-type": "application/json"}


def test_a_draft_out_of_json(visitor: Visitor, world: World) -> None:
    body = b'{"champ_Q2hhbXAtMzU2NjQ5MQ": "NO\\u00cbL", "identite_prenom": "Zo\\u00e9", "champ_x": 1}'
    answer = visitor.ask("POST", PUBLIC, content=body, headers=JSON)
    (draft,) = world.drafts.values()
    assert answer.status_code == 201
    assert answer.json() == {
        "dossier_url": f"{ORIGIN}/commencer/{CRA.path}?prefill_token={draft.token}",
        "state": "prefilled",
        "dossier_id": "RG9zc2llci0xNzIwNDMxMQ==",
        "dossier_number": 17204311,
        "dossier_prefill_token": draft.token,
    }
    assert draft.values == {NOM: "NOËL"}
    assert f"/dossiers/{draft.token}/identite" in visitor.get(answer.json()["dossier_url"]).text


@pytest.mark.parametrize(
    ("address", "content_type", "body", "status"),
    [
        (PUBLIC, "application/json; charset=utf-8", b"{}", 400),
        (PUBLIC, "text/plain", b"{}", 400),
        ("/api/public/v1/demarches/1/dossiers", "application/json", b"{}", 404),
        ("/api/public/v1/demarches/x/dossiers", "application/json", b"{}", 404),
    ],
)
def test_what_the_public_api_refuses(
    visitor: Visitor, world: World, address: str, content_type: str, body: bytes, status: int
) -> None:
    answer = visitor.ask("POST", address, content=body, headers={"content-type": content_type})
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert world.drafts == {}


def test_a_broken_body_is_a_fault_and_a_list_an_empty_draft(visitor: Visitor, world: World) -> None:
    broken = visitor.ask("POST", PUBLIC, content=b"{", headers=JSON)
    assert (broken.status_code, broken.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert world.drafts == {}
    for body in (b"[1]", b""):
        assert visitor.ask("POST", PUBLIC, content=body, headers=JSON).status_code == 201
    assert [draft.values for draft in world.drafts.values()] == [{}, {}]


def test_a_closed_demarche_is_not_found_by_programs(visitor: Visitor, world: World) -> None:
    world.set_demarche(CRA_NUMBER, state="close")
    assert visitor.ask("POST", PUBLIC, content=b"{}", headers=JSON).status_code == 404
    assert visitor.get(PUBLIC).status_code == 404


def test_fifteen_posts_in_fifteen_seconds(visitor: Visitor, world: World) -> None:
    statuses = [visitor.ask("POST", PUBLIC, content=b"{}", headers=JSON).status_code for _ in range(16)]
    assert statuses == [201] * 15 + [429]
    world.advance(dt.timedelta(seconds=15))
    assert visitor.ask("POST", PUBLIC, content=b"{}", headers=JSON).status_code == 201


def test_what_became_of_drafts(visitor: Visitor, world: World) -> None:
    tokens = [world.create_draft(CRA_NUMBER, ZOE, {NOM: "N"}).token for _ in range(3)]
    by_hand = world.create_draft(CRA_NUMBER, ZOE, {}, prefilled=False).token
    world.claim_draft(tokens[1], "zoe@example.org")
    world.claim_draft(tokens[2], "zoe@example.org")
    number = world.deposit(tokens[2], "zoe@example.org").number
    query = ",".join([*tokens, by_hand, "unknown"])
    found = visitor.get(f"{PUBLIC}?prefill_token={query}").json()
    assert [draft["dossier_prefill_token"] for draft in found] == tokens
    assert [draft["state"] for draft in found] == ["prefilled", "brouillon", "en_construction"]
    assert found[2] == {
        "state": "en_construction",
        "submitted_at": "2026-03-02T13:00:00+01:00",
        "dossier_id": encode_typed_id("Dossier", number),
        "dossier_number": number,
        "dossier_prefill_token": tokens[2],
    }
    world.change_state(number, "accepte")
    (processed,) = visitor.get(f"{PUBLIC}?prefill_token[]={tokens[2]}").json()
    assert (processed["state"], processed["processed_at"]) == ("accepte", "2026-03-02T13:00:00+01:00")
    world.advance(dt.timedelta(days=6))
    left = visitor.get(f"{PUBLIC}?prefill_token={query}").json()
    assert [draft["dossier_prefill_token"] for draft in left] == tokens[1:]
    assert visitor.get(PUBLIC).json() == []
