"""Content: what mapping gives the store, whatever is wrong with the dossier or with the model's own code."""

from __future__ import annotations

from typing import Any

import pytest

from ds_bridge.api.head import Head
from ds_bridge.errors import BadDataError
from ds_bridge.mapping.plan import Plan
from ds_bridge.store.encoding import decode_json, encode_json
from ds_bridge.sync import content as content_module
from ds_bridge.sync.content import pull_content, read_content

NODE: dict[str, Any] = {
    "id": "RG9zc2llci0x",
    "number": 1,
    "state": "accepte",
    "dateDepot": "2024-05-30T10:15:00+02:00",
    "dateDerniereModification": "2024-05-31T10:15:00+02:00",
    "champs": [],
}
DEMARCHE = 82349


class Stumbling(Plan):
    """A plan whose model's code fails on every dossier."""

    def __init__(self) -> None:
        pass

    def __getattribute__(self, name: str) -> Any:
        raise ZeroDivisionError("jeanne@example.org")


def test_what_is_not_even_a_dossier_has_none() -> None:
    for missing in ("number", "state", "dateDepot", "dateDerniereModification"):
        node = {key: value for key, value in NODE.items() if key != missing}
        with pytest.raises(BadDataError, match="without a readable number, state or dates"):
            pull_content(None, node, DEMARCHE)
        with pytest.raises(BadDataError, match="without a readable number, state or dates"):
            Head.of(node)


def test_what_breaks_the_schema_is_left_out_and_says_so() -> None:
    content = read_content(None, NODE | {"champs": "none"}, DEMARCHE)
    assert not content.valid
    assert [(each.path, each.code, each.severity) for each in content.anomalies] == [
        ("champs", "malformed", "error")
    ]
    assert (content.document["dossier"]["number"], content.document["champs"]) == (1, [])
    assert content.fault is None


def test_a_fault_of_the_model_is_told_without_what_it_quotes() -> None:
    content = pull_content(Stumbling(), NODE, DEMARCHE)
    assert content.fault is not None
    assert "ZeroDivisionError" in content.fault
    assert "jeanne" not in content.fault
    assert [each.code for each in content.anomalies] == ["fault"]


def test_the_same_dossier_gives_the_same_content_pulled_or_mapped_again() -> None:
    """The store keeps no NUL and no half of a pair: mapping never sees any."""
    champ = {"__typename": "TextChamp", "id": "c", "champDescriptorId": "c", "label": "a"}
    champ["value"] = "x\0\ud800"
    node = NODE | {"champs": [champ]}
    pulled = pull_content(None, node, DEMARCHE)
    assert pulled.valid
    assert pulled.document["champs"][0]["value"] == "x\ufffd\ufffd"
    assert read_content(None, decode_json(encode_json(node)), DEMARCHE) == pulled


def test_bad_data_by_the_models_own_word_costs_the_document_not_the_dossier(monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise BadDataError("no report of ours")

    monkeypatch.setattr(content_module, "map_dossier", refuse)
    content = read_content(None, NODE, DEMARCHE)
    assert content.document["dossier"]["number"] == 1
    assert [each.code for each in content.anomalies] == ["unreadable"]
