"""Structs beside records: whoever maps from the one sees what the other would have shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge import Client
from ds_bridge.api.base import Raw, Record, as_it_came
from ds_bridge.api.client import EPOCH
from ds_bridge.api.options import OPTIONS
from ds_bridge.api.records import Dossier
from ds_bridge.config import ApiSettings
from ds_bridge.form import read_forms
from ds_bridge.mapping import quick
from ds_bridge.mapping.content import pull_contents
from ds_bridge.mapping.kinds import BLOCK, SILENT
from ds_bridge.mapping.named import make_plan
from ds_bridge.mapping.quick import read_quickly
from ds_bridge.mapping.values import KNOWN_TYPENAMES
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, CRA_NUMBER
from ds_bridge.store.encoding import encode_json
from tests.api.test_records import CHAMPS, LEAVES, champ, dossier

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=st.none() | OFFSETS).map(dt.datetime.isoformat)
WHOLE = st.integers(-(10**18) + 1, 10**18 - 1)


def is_same(one: Any, other: Any) -> bool:
    """Whether a record and what was read quickly show the same."""
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, Record):
        names = type(one).model_fields
        return all(is_same(getattr(one, name), getattr(other, name)) for name in names)
    return type(one) is type(other) and str(one) == str(other)


def list_typenames(champs: Any) -> Iterator[str]:
    for each in champs:
        yield each.typename
        for row in getattr(each, "rows", ()):
            yield from list_typenames(row.champs)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with SandboxServer(seed=3, dossiers=60, requests_per_minute=None) as server:
        api = ApiSettings(url=server.url, token=server.token, requests_per_minute=10_000)
        with Client(api, include=OPTIONS) as client:
            yield client


def pull(client: Client, demarche: int) -> list[Raw]:
    return [
        node for page in client.walk_dossiers(demarche, since=EPOCH, read=as_it_came) for node in page.nodes
    ]


@given(
    st.lists(
        CHAMPS
        | st.builds(lambda at: champ("DatetimeChamp", datetime=at), MOMENTS)
        | st.builds(lambda at: champ("DateChamp", date=at[:10], updatedAt=at), MOMENTS)
        | st.builds(lambda number: champ("IntegerNumberChamp", integer=str(number)), WHOLE),
        max_size=3,
    ),
    st.dictionaries(
        st.sampled_from(["number", "archived", "usager", "dateTraitement", "demandeur"]), LEAVES | MOMENTS
    ),
    st.booleans(),
)
def test_what_is_read_quickly_is_what_the_records_would_read(
    champs: list[Raw], values: dict[str, Any], in_block: bool
) -> None:
    inside = [champ("RepetitionChamp", rows=[{"id": "R", "champs": champs}])] if in_block else champs
    raw = encode_json(dossier(*inside, **values))
    read = read_quickly(raw)
    assert read is None or is_same(Dossier.model_validate_json(raw), read)


def test_all_that_the_platform_gives_is_read_quickly(client: Client) -> None:
    """Else nobody would notice but by the clock."""
    seen: set[str] = set()
    for demarche in (CRA_NUMBER, ALL_KINDS_NUMBER):
        for node in pull(client, demarche):
            read = read_quickly(encode_json(node))
            assert is_same(Dossier.model_validate(node), read)
            assert read is not None
            seen.update(list_typenames(read.champs))
    assert KNOWN_TYPENAMES - seen <= {"RNFChamp", "EngagementJuridiqueChamp"}


@pytest.mark.parametrize("typename", sorted(KNOWN_TYPENAMES - {"CheckboxChamp"}))
def test_a_champ_of_any_kind_with_nothing_in_it_is_read_quickly(typename: str) -> None:
    assert read_quickly(encode_json(dossier(champ(typename)))) is not None


@pytest.mark.parametrize(
    "odd",
    [
        champ("HologramChamp"),
        champ("TextChamp", value=1),
        champ("IntegerNumberChamp", integer="many"),
        champ("IntegerNumberChamp", integer="null"),
        champ("IntegerNumberChamp", integer="٣"),
        champ("DateChamp", date="30/05/2024"),
        {"__typename": "TextChamp", "id": "x"},
        {},
        None,
    ],
)
def test_what_is_odd_is_for_the_records(odd: Any) -> None:
    assert read_quickly(encode_json(dossier(odd))) is None
    assert (
        read_quickly(encode_json(dossier(champ("RepetitionChamp", rows=[{"id": "R", "champs": [odd]}]))))
        is None
    )
    assert read_quickly(encode_json(dossier(annotations=[odd]))) is None


def test_what_is_no_json_or_nests_without_end_is_for_the_records() -> None:
    for raw in (b"", b"{", b"\xff", b"[]", b"[" * 100_000):
        assert read_quickly(raw) is None


def test_it_shows_nothing_of_people() -> None:
    read = read_quickly(encode_json(dossier(champ("TextChamp", value="s3cr3t"), state="accepte")))
    assert read is not None
    assert (repr(read), str(read.champs)) == ("<Dossier>", "(<TextChamp>,)")
    assert list(read.champs[0].__rich_repr__()) == []


def test_mapping_gives_the_same_from_both(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    active, others = read_forms(client.form_document(ALL_KINDS_NUMBER))
    named = {
        f"n{field.number}": str(field.number)
        for field, block in active.walk()
        if block is None and field.kind not in SILENT | BLOCK
    }
    plans = {
        CRA_NUMBER: make_plan("ds_bridge.cra:CompteRendu", {}, *read_forms(client.form_document(CRA_NUMBER))),
        ALL_KINDS_NUMBER: make_plan(None, named, active, others),
    }
    for demarche, plan in plans.items():
        raws = [encode_json(node) for node in pull(client, demarche)]
        found = pull_contents(plan, raws, demarche)
        with monkeypatch.context() as patch:
            patch.setattr(quick, "read_quickly", lambda raw: None)
            assert pull_contents(plan, raws, demarche) == found
        assert len(found) > 30
