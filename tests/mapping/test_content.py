"""Content: what mapping gives the store, whatever is wrong with the dossier or with the model's own code."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

from ds_bridge.api.head import Head
from ds_bridge.errors import BadDataError
from ds_bridge.mapping import content as content_module
from ds_bridge.mapping.content import pull_content, pull_contents, read_content
from ds_bridge.mapping.plan import Plan
from ds_bridge.store.encoding import decode_json, encode_json

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
            pull_content(None, encode_json(node), DEMARCHE)
        with pytest.raises(BadDataError, match="without a readable number, state or dates"):
            Head.of(node)


def test_what_breaks_the_schema_is_left_out_and_says_so() -> None:
    content = read_content(None, encode_json(NODE | {"champs": "none"}), DEMARCHE)
    assert not content.valid
    assert [(each.path, each.code, each.severity) for each in content.anomalies] == [
        ("champs", "malformed", "error")
    ]
    document = decode_json(content.document)
    assert (document["dossier"]["number"], document["champs"]) == (1, [])
    assert content.fault is None


def test_a_fault_of_the_model_is_told_without_what_it_quotes() -> None:
    content = pull_content(Stumbling(), encode_json(NODE), DEMARCHE)
    assert content.fault is not None
    assert "ZeroDivisionError" in content.fault
    assert "jeanne" not in content.fault
    assert [each.code for each in content.anomalies] == ["fault"]


def test_each_node_has_its_own_outcome_and_all_of_it_can_be_sent() -> None:
    odd = NODE | {"number": 2, "champs": "none"}
    good, bad = pull_contents(None, [encode_json(NODE), encode_json(odd)], DEMARCHE)
    assert (good.valid, decode_json(good.document)["champs"]) == (True, [])
    assert (bad.valid, decode_json(bad.document)["dossier"]["number"]) == (False, 2)
    assert pickle.loads(pickle.dumps([good, bad])) == [good, bad]


def test_the_worker_loads_no_database_and_no_network() -> None:
    heavy = "{'sqlalchemy', 'httpx', 'graphql'}"
    program = f"import sys, ds_bridge.mapping.worker; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"


def test_bad_data_by_the_models_own_word_costs_the_document_not_the_dossier(monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise BadDataError("no report of ours")

    monkeypatch.setattr(content_module, "map_dossier", refuse)
    content = read_content(None, encode_json(NODE), DEMARCHE)
    assert decode_json(content.document)["dossier"]["number"] == 1
    assert [each.code for each in content.anomalies] == ["unreadable"]
