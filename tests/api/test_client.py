"""The client against the sandbox, over a real socket: what a notebook or a program does with it."""

import datetime as dt

import pytest

from ds_bridge import Client
from ds_bridge.api.pace import Pace
from ds_bridge.api.records import Dossier
from ds_bridge.errors import (
    BadDataError,
    NotFoundError,
    OutOfScopeError,
    RateLimitedError,
    TokenMissingError,
    TokenRefusedError,
)
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer

CRA = 82349


@pytest.fixture
def server():
    with SandboxServer(seed=6, dossiers=30, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def client(server):
    with Client(url=server.url, token=server.token, sleep=lambda seconds: None) as client:
        yield client


def test_dossiers_come_in_order_of_modification(client):
    dossiers = list(client.dossiers(CRA))
    assert len(dossiers) == 30
    assert all(isinstance(each, Dossier) for each in dossiers)
    dates = [each.date_derniere_modification for each in dossiers]
    assert dates == sorted(dates)
    half = dates[15]
    assert [each.number for each in client.dossiers(CRA, updated_since=half)] == [
        each.number for each in dossiers if each.date_derniere_modification >= half
    ]


def test_champs_come_with_their_real_types(client):
    kinds = {champ.typename for dossier in client.dossiers(CRA) for champ in dossier.champs}
    assert {
        "TextChamp",
        "IntegerNumberChamp",
        "DropDownListChamp",
        "RepetitionChamp",
        "CheckboxChamp",
    } <= kinds
    assert {"HeaderSectionChamp", "ExplicationChamp"} <= kinds


def test_one_dossier_by_its_number(client):
    first = next(iter(client.dossiers(CRA)))
    assert client.dossier(first.number) == first
    with pytest.raises(NotFoundError, match="not_found"):
        client.dossier(1)


def test_the_form_is_the_active_revisions(client):
    form = client.form(CRA)
    assert (form.number, len(form.fields) > 20) == (CRA, True)
    assert form.find(3566491).label == "Veuillez renseigner votre nom de famille"
    with pytest.raises(NotFoundError):
        client.form(1)


def test_deletions_final_and_pending(client, server):
    numbers = [each.number for each in client.dossiers(CRA) if each.state == "en_construction"]
    server.world.delete(numbers[0], "user_request")
    server.world.hide_by_user(numbers[1])
    assert [(each.number, each.reason) for each in client.deleted_dossiers(CRA)] == [
        (numbers[0], "user_request")
    ]
    assert [each.number for each in client.deleted_dossiers(CRA, pending=True)] == [numbers[1]]
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert list(client.deleted_dossiers(CRA, since=later)) == []


def test_a_poison_dossier_is_told_not_skipped(client, server):
    poison = [each.number for each in client.dossiers(CRA)][4]
    server.faults.poison(poison)
    with pytest.raises(BadDataError, match=f"dossier {poison} cannot be read: ServerFaultError"):
        list(client.dossiers(CRA))


def test_refusals_are_typed(server):
    for token, error in (
        ("n0-such-t0ken", TokenRefusedError),
        (server.world.token("narrow"), OutOfScopeError),
    ):
        with Client(url=server.url, token=token) as client, pytest.raises(error) as caught:
            client.form(CRA)
        assert token not in f"{caught.value} {caught.value!r} {client!r}"


def test_a_429_closes_the_gate_for_the_time_it_names(server):
    server.faults.add(Fault(action="limit", retry_after=30, times=1))
    waits = []
    pace = Pace(300, clock=lambda: float(sum(waits)), sleep=waits.append)
    with Client(url=server.url, token=server.token, pace=pace, sleep=waits.append) as client:
        assert client.form(CRA).number == CRA
    assert waits == [30]


def test_endless_429s_are_an_error_in_the_end(server):
    server.faults.add(Fault(action="limit", retry_after=0))
    waits = []
    with (
        Client(url=server.url, token=server.token, sleep=waits.append) as client,
        pytest.raises(RateLimitedError),
    ):
        client.form(CRA)
    assert client.requests == 10


def test_each_request_is_told(server):
    told = []
    with Client(
        url=server.url, token=server.token, on_request=lambda operation, seconds: told.append(operation)
    ) as client:
        list(client.dossiers(CRA))
    assert told == ["DossiersPage"]
    assert client.requests == 1


def test_without_anything_it_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TokenMissingError, match="no API token"):
        Client()


def test_settings_come_from_the_configuration(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ds-bridge.toml").write_text(f'[api]\nurl = "{server.url}"\n')
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", server.token)
    with Client() as client:
        assert client.form(CRA).number == CRA
