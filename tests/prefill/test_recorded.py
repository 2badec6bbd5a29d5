"""The recorded table of 310 inputs: every value that `check` accepts arrives, or a warning says that it may
not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.prefill import Checked, check, draft_body, encode_params
from ds_bridge.sandbox.rack import parse_nested_query

RECORDED = Path(__file__).parent.parent / "recorded" / "prefill"
TABLE: list[dict[str, Any]] = json.loads((RECORDED / "table.json").read_text(encoding="utf-8"))


def load_form(name: str) -> Form:
    body = json.loads((RECORDED / f"schema--{name}.json").read_text(encoding="utf-8"))["body"]
    return Form.from_schema(body)


FORMS = {"tous": load_form("every_type"), "cra": load_form("cra")}


def given_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as values by key."""
    if entry["via"] == "draft":
        return dict(entry["body_sent"])
    return dict(parse_nested_query(entry["query_string"] or ""))


def form_of(entry: Mapping[str, Any]) -> Form:
    return FORMS[
        "tous" if entry.get("demarche") == 99001 or entry.get("path") == "tous-les-champs" else "cra"
    ]


def as_champs(given: Mapping[str, Any]) -> dict[str, Any]:
    """By champ reference, rows too."""
    return {
        key.removeprefix("champ_"): [as_champs(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for key, value in given.items()
        if key.startswith("champ_")
    }


def would_send(entry: Mapping[str, Any]) -> Checked | None:
    """What ds-bridge sends of it, None when it refuses or sends something else."""
    checked = check(None, as_champs(given_of(entry)), form=form_of(entry))
    if not checked.ok or not checked.champs:
        return None
    given = {key: value for key, value in given_of(entry).items() if key.startswith("champ_")}
    sent = (
        draft_body(checked) if entry["via"] == "draft" else dict(parse_nested_query(encode_params(checked)))
    )
    return checked if sent == given else None


def arrived(entry: Mapping[str, Any], key: str, sent: Any) -> bool:
    """Whether the platform stored what was sent for a champ outside blocks, in whatever form it keeps it."""
    number = ChampId.parse(key.removeprefix("champ_")).stable
    stored = [each for each in entry["stored"] if each["champ"] == number and "row" not in each]
    if len(stored) != 1:
        return False
    value, reference = stored[0].get("value"), stored[0].get("external_id")
    if isinstance(sent, list):
        return sent == json.loads(value) if (value or "").startswith("[") else reference == sent[-1]
    if sent in (value, reference) or "".join(sent.split()) == reference:
        return True
    return dt.datetime.fromisoformat(value).isoformat().startswith(sent)  # an hour gets its seconds and zone


SENT = [entry for entry in TABLE if entry["status"] in (200, 201) and entry.get("stored") is not None]


@pytest.mark.parametrize("entry", SENT, ids=lambda entry: f"{entry['via']}-{entry['case'][:30]}")
def test_what_is_sent_arrives_or_is_warned_of(entry: dict[str, Any]) -> None:
    checked = would_send(entry)
    if checked is None:
        return
    for key, sent in checked.champs.items():
        if isinstance(sent, list) and isinstance(sent[0], dict):
            check_rows(entry, key, sent)
        else:
            number = ChampId.parse(key.removeprefix("champ_")).stable
            may_be_dropped = any("the platform" in warning for warning in checked.warnings)
            assert arrived(entry, key, sent) or may_be_dropped, number


def check_rows(entry: Mapping[str, Any], key: str, rows: list[Any]) -> None:
    number = ChampId.parse(key.removeprefix("champ_")).stable
    assert entry["rows_of_block"][str(number)] == len(rows)
    for place, row in enumerate(rows, start=1):
        for inner, sent in row.items():
            of_row = {"stored": [
                {name: value for name, value in each.items() if name != "row"}
                for each in entry["stored"] if each.get("row") == place
            ]}  # fmt: skip
            assert not sent or arrived(of_row, inner, sent)


def test_the_table_is_looked_at_and_not_stepped_over() -> None:
    sent = [entry for entry in SENT if would_send(entry) is not None]
    assert len(TABLE) == 310
    assert len(sent) >= 110
    assert {"rows: list in a row, [] syntax", "rows: commune in a row, [] syntax", "CRA: two events"} <= {
        entry["case"] for entry in sent
    }


def test_what_the_platform_drops_or_misreads_is_refused() -> None:
    """Of what went alone and left nothing, all is refused but what a warning names."""
    let_go = []
    for entry in SENT:
        checked = would_send(entry)
        if checked is not None and not entry["stored"]:
            warned = any("the platform" in warning for warning in checked.warnings)
            let_go += [] if warned else [entry["case"]]
    assert let_go == []


@pytest.mark.parametrize("kind", ["aah", "aeeh", "ars", "etudiant_boursier"])
def test_kinds_that_are_fetched_cannot_be_prefilled(kind: str) -> None:
    (problem,) = check(None, {"2": "x"}, form=Form(1, "", (Field(2, kind, kind),))).problems
    assert (problem.code, problem.message) == (
        "not_prefillable",
        f"champs of the kind {kind} cannot be prefilled: fetched by the person who deposits",
    )  # fmt: skip
    assert check(None, {"2": "x"}, form=Form(1, "", (Field(2, "pre_rempli", "P"),))).ok
