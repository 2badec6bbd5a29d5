"""The « fourre-tout »: its form, its invented dossiers read by the client, and its places on the pages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from ds_bridge import Client
from ds_bridge.api.champs import RepetitionChamp, UnknownChamp
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.ids import ChampId
from ds_bridge.prefill.kinds import KINDS, NOT_PREFILLABLE
from ds_bridge.sandbox.dossiers import Kept
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.pages.answers import Problem, find_problems, read_answers
from ds_bridge.sandbox.pages.places import list_places, suggest_places
from ds_bridge.sandbox.pages.widgets import draw_form
from ds_bridge.sandbox.registers import is_iban, is_rna, is_siret, make_siret
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_DOSSIERS, World
from tests.sandbox.platform import KINDS as FOURRE_TOUT

FORM = load_forms()[1]
REVISION = FORM.active
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
SIRET, RNA, IBAN, COMMUNE, EPCI, ADDRESS, DEPARTEMENT = 700108, 700109, 700107, 700114, 700118, 700113, 700115


def test_every_kind_that_can_be_prefilled_is_in_the_form() -> None:
    kinds = {descriptor.kind for descriptor in REVISION.walk()}
    # A register's champ needs its register; pre_rempli is behind a flag of the platform.
    assert set(KINDS) - kinds == {"referentiel", "pre_rempli"}
    assert {"header_section", "explication", "piece_justificative", "titre_identite", "carte"} <= kinds
    assert "linked_drop_down_list" in kinds
    assert kinds - set(KINDS) - {"repetition"} <= set(NOT_PREFILLABLE)
    labels = Counter(descriptor.label for descriptor in REVISION.champs)
    assert labels["Précisez"] == 2
    lists = [d for d in REVISION.champs if d.kind == "drop_down_list"]
    assert {d.other_option for d in lists} == {True, False}


def test_the_public_schema_reads_as_the_same_form(calm: SandboxServer) -> None:
    with PublicClient(ApiSettings(url=calm.url)) as client:
        form = client.form(FORM.path, number=FORM.number)
    read = [(field.number, field.kind, field.label, field.options) for field, _ in form.walk()]
    assert read == [(d.stable, d.kind, d.label, d.options) for d in REVISION.walk()]


def test_there_are_a_few_dozen_dossiers_the_same_from_the_same_seed() -> None:
    first, again = (World.open(seed=4, dossiers=2, clock=lambda: NOON) for _ in range(2))
    dossiers = first.demarches[FOURRE_TOUT].dossiers
    assert len(dossiers) == ALL_KINDS_DOSSIERS == 36
    assert [d.values for d in dossiers.values()] == [
        d.values for d in again.demarches[FOURRE_TOUT].dossiers.values()
    ]
    alone = World(4, clock=lambda: NOON)
    assert [d.number for d in alone.seed_dossiers(2)] == sorted(first.demarches[82349].dossiers)


def test_the_client_reads_every_champ_of_every_dossier(calm: SandboxServer) -> None:
    with Client(url=calm.url, token=calm.token) as client:
        dossiers = list(client.dossiers(FOURRE_TOUT))
    assert len(dossiers) == ALL_KINDS_DOSSIERS
    seen: set[int] = set()
    for dossier in dossiers:
        kept = calm.world.demarches[FOURRE_TOUT].dossiers[dossier.number].values
        for champ in dossier.champs:
            assert not isinstance(champ, UnknownChamp), champ.typename
            stable = ChampId.parse(champ.champ_descriptor_id).stable
            if stable in kept and champ.string_value:
                seen.add(stable)
            if isinstance(champ, RepetitionChamp) and champ.rows:
                seen.add(stable)
                assert not any(isinstance(c, UnknownChamp) for row in champ.rows for c in row.champs)
    silent = {
        "header_section",
        "explication",
        "carte",
        "piece_justificative",
        "titre_identite",
        "dossier_link",
    }
    assert seen == {d.stable for d in REVISION.champs if d.kind not in silent}


def read(
    posted: dict[int, str], before: dict[int, Any] | None = None
) -> tuple[dict[int, Any], list[Problem]]:
    """Values kept of what is posted, and what a deposit says of these champs."""
    given = {f"champ-{stable}": [text] for stable, text in posted.items()}
    answers = read_answers(REVISION, given, before or {})
    problems = find_problems(REVISION, answers, deposit=True)
    concerned = [problem for problem in problems if problem.name in given]
    return {stable: value for stable, value in answers.values.items() if stable in posted}, concerned


def test_places_are_read_from_what_the_inputs_hold() -> None:
    posted = {
        COMMUNE: "Évry-Courcouronnes (91080)",
        EPCI: "Métropole du Grand Paris (75)",
        DEPARTEMENT: "2B",
        ADDRESS: "Le Bourg 01540 Perrex",
    }
    values, problems = read(posted)
    assert problems == []
    assert (values[COMMUNE]["code"], values[COMMUNE]["postal_code"]) == ("91228", "91080")
    assert (values[EPCI]["code"], values[EPCI]["department_code"]) == ("200054781", "75")
    assert values[DEPARTEMENT] == {"name": "Haute-Corse", "code": "2B"}
    assert values[ADDRESS]["city_code"] == "01291"
    widgets = {widget.name: widget for widget in draw_form(REVISION, read_answers(REVISION, {}, values), [])}
    assert widgets[f"champ-{COMMUNE}"].text == ""
    drawn = draw_form(
        REVISION, read_answers(REVISION, {f"champ-{k}": [v] for k, v in posted.items()}, {}), []
    )
    texts = {widget.name: widget.text for widget in drawn}
    assert {stable: texts[f"champ-{stable}"] for stable in posted} == posted


@pytest.mark.parametrize(
    ("stable", "text", "message"),
    [
        (COMMUNE, "Nulle part", "doit être une commune de la liste"),
        (EPCI, "Métropole", "doit être un EPCI de la liste"),
        (DEPARTEMENT, "Ain", "doit être choisi dans la liste"),
        (SIRET, "13002526500014", "doit être un numéro SIRET valide (14 chiffres)"),
        (RNA, "W12", "doit être un numéro RNA valide (W suivi de 9 chiffres ou lettres)"),
        (IBAN, "FR7630006000011234567890188", "doit être un IBAN valide"),
    ],
)
def test_what_no_register_knows_cannot_be_deposited(stable: int, text: str, message: str) -> None:
    _, problems = read({stable: text})
    assert [problem.message.partition("» ")[2] for problem in problems] == [f"{message}."]


def test_a_place_prefilled_in_part_stays_until_it_is_touched() -> None:
    partial = {"name": None, "code": None, "postal_code": "01540"}
    assert read({COMMUNE: ""}, {COMMUNE: partial}) == ({COMMUNE: partial}, [])
    values, problems = read({COMMUNE: "Perrex (01540)"}, {COMMUNE: partial})
    assert (values[COMMUNE]["code"], problems) == ("01291", [])
    _, (problem,) = read({DEPARTEMENT: ""}, {DEPARTEMENT: {"name": None, "code": "Ain"}})
    assert problem.message == "Le champ « Département » doit être choisi dans la liste."


def test_a_place_known_in_part_is_read_without_harm(server: SandboxServer) -> None:
    number = min(server.world.demarches[FOURRE_TOUT].dossiers)
    values = {
        COMMUNE: {"name": None, "code": None, "postal_code": "01540"},
        EPCI: {"name": None, "code": None, "department_name": "Essonne", "department_code": "91"},
        DEPARTEMENT: {"name": None, "code": "Ain"},
        ADDRESS: {"label": "Rue perdue"},
        SIRET: "123",
        RNA: "W12",
    }
    server.world.modify(number, content=Kept(values))
    with Client(url=server.url, token=server.token) as client:
        champs = {ChampId.parse(c.champ_descriptor_id).stable: c for c in client.dossier(number).champs}
    spoken = {stable: champs[stable].string_value for stable in values}
    assert spoken == {COMMUNE: " (01540)", EPCI: "", DEPARTEMENT: "Ain - ", ADDRESS: "Rue perdue"} | {
        SIRET: "",
        RNA: "W12",
    }
    assert (champs[COMMUNE].commune, champs[EPCI].epci, champs[EPCI].departement.code) == (None, None, "91")
    assert (champs[DEPARTEMENT].departement, champs[ADDRESS].address, champs[SIRET].etablissement) == (
        None,
    ) * 3
    assert (champs[RNA].rna.id, champs[RNA].rna.title) == ("W12", None)


def test_what_is_proposed_can_be_chosen() -> None:
    for stable, kind in ((COMMUNE, "commune"), (EPCI, "epci"), (ADDRESS, "address")):
        for label in suggest_places(kind):
            assert read({stable: label})[1] == []
    assert [code for code, _ in list_places("departement")][19:22] == ["21", "22", "23"]
    assert len(list_places("pays")) == 245


def test_numbers_are_kept_as_the_platform_does() -> None:
    values, problems = read({SIRET: "130 025 265 00013", IBAN: "FR7630006000011234567890189"})
    assert values == {SIRET: "13002526500013", IBAN: "FR76 3000 6000 0112 3456 7890 189"}
    assert problems == []


def test_keys_of_numbers() -> None:
    assert all(is_siret(text) for text in ("13002526500013", "35600000000048", "35600000012355"))
    assert not is_siret("35600000012345")
    assert not any(map(is_siret, ("1300252650001", "130 025 265 00013", "٠" * 14, "13002526500031")))
    assert is_siret(make_siret(123_456_789))
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("GB82")
    assert is_rna("W9M1000001")
    assert not is_rna("w751080001")
