"""Champs only: what a démarche without a model gives."""

from __future__ import annotations

import json

import pytest

from ds_bridge.api.records import Dossier
from ds_bridge.ids import ChampId
from ds_bridge.mapping import map_dossier
from tests.mapping.test_mapper import FILLED, dossier_of, node

EXPECTED = [
    " l'été ",
    4211,
    3.5,
    12.25,
    "2024-02-29",
    "2024-07-01T09:30:00+02:00",
    True,
    False,
    "Bleu",
    ["Un, deux (ou trois)"],
    {"primary": "Ain", "secondary": "Bourg"},
    [
        {
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "checksum": "XrY7u+Ae7tCTyyK7j1rNww==",
            "byte_size": 4_000_000_000,
        }
    ],
]


def test_every_champ_has_its_typed_value() -> None:
    mapped = map_dossier(None, dossier_of(*FILLED), 7)
    document = mapped.document()
    assert json.loads(json.dumps(document)) == document
    assert list(document) == ["dossier", "champs", "anomalies"]
    assert document["dossier"]["demarche"] == 7
    assert document["champs"][1] == {
        "id": ChampId(2).encode(),
        "label": "champ 2",
        "typename": "IntegerNumberChamp",
        "value": 4211,
    }
    assert [champ["value"] for champ in document["champs"][:12]] == EXPECTED
    assert document["champs"][13]["value"] == {"name": "Évry", "code": "91228", "postal_code": "91000"}
    assert document["champs"][16]["value"] == 77
    assert mapped.value is None
    assert mapped.valid
    assert mapped.rows() == []


def test_blocks_are_nested_and_titles_left_out() -> None:
    dossier = dossier_of(
        node(1, "HeaderSectionChamp", level=1),
        node(2, "ExplicationChamp"),
        node(
            3,
            "RepetitionChamp",
            rows=[
                {"id": "R0", "champs": [node(4, "TextChamp", "R0", value="a")]},
                {"id": "R1", "champs": []},
            ],
        ),
    )
    assert map_dossier(None, dossier, 7).document()["champs"] == [
        {
            "id": ChampId(3).encode(),
            "label": "champ 3",
            "typename": "RepetitionChamp",
            "rows": [
                {
                    "id": "R0",
                    "champs": [
                        {
                            "id": ChampId(4).encode(),
                            "label": "champ 4",
                            "typename": "TextChamp",
                            "value": "a",
                        }
                    ],
                },
                {"id": "R1", "champs": []},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("typename", "code", "severity"),
    [("NouveauChamp", "unknown_kind", "warning"), ("DateChamp", "malformed", "error")],
)
def test_what_cannot_be_read_is_kept_as_it_came(typename: str, code: str, severity: str) -> None:
    odd = node(4, typename, "R0", date="demain", files=[{"filename": "a", "url": "https://short"}])
    block = node(3, "RepetitionChamp", rows=[{"id": "R0", "champs": [odd]}])
    mapped = map_dossier(None, dossier_of(node(1, "TextChamp", value="a"), block), 7)
    assert [(fault.path, fault.code, fault.severity) for fault in mapped.anomalies] == [
        ("champs[1].rows[0].champs[0]", code, severity)
    ]
    value = mapped.document()["champs"][1]["rows"][0]["champs"][0]["value"]
    assert value["date"] == "demain"
    assert value["files"] == [{"filename": "a"}]


def test_a_number_beyond_64_bits_stays_text() -> None:
    champ = node(1, "IntegerNumberChamp", integer=str(10**30))
    mapped = map_dossier(None, Dossier.model_validate(dossier_of(champ)), 7)
    assert mapped.document()["champs"][0]["value"] == "1" + "0" * 30
