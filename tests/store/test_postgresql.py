"""What only PostgreSQL does: its URL, its missing driver, a server that is pulled out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Store
from tests.postgres import PostgresServer, shared_server
from tests.store.samples import DEMARCHE, PARIS, at, make_checkpoint, make_entry

PASSWORD = "p4ss-w0rd"


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer().start()
    yield server
    server.close()


def one_line(error: StoreError) -> str:
    message = str(error)
    assert "\n" not in message
    assert PASSWORD not in message
    return message


def test_a_server_pulled_out_is_told_and_the_next_try_goes_on(own_server: PostgresServer) -> None:
    with Store.open(own_server.create_database()) as store:
        store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint("c1"))
        own_server.stop(signal.SIGQUIT)
        for _ in range(2):
            with pytest.raises(StoreError) as caught:
                store.save_page(DEMARCHE, [make_entry(2)], make_checkpoint("c2"))
            assert one_line(caught.value).startswith(
                f"store PostgreSQL 127.0.0.1:{own_server.port}/test_1: the server"
            )
        own_server.start()
        assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint("c1")
        assert store.save_page(DEMARCHE, [make_entry(2)], make_checkpoint("c2")).created == 1


def test_a_server_pulled_out_inside_a_transaction(own_server: PostgresServer) -> None:
    with Store.open(own_server.create_database()) as store:

        def write_while_it_stops() -> None:
            with store._write() as connection:
                connection.execute(text("DELETE FROM dossiers"))
                own_server.stop(signal.SIGINT)
                connection.execute(text("DELETE FROM runs"))

        with pytest.raises(StoreError) as caught:
            write_while_it_stops()
        assert "server refuses or stopped" in one_line(caught.value) or "was lost" in one_line(caught.value)


def test_nobody_at_the_address() -> None:
    server = shared_server()
    address = server.url("x", password=PASSWORD).replace(str(server.port), "1")
    with pytest.raises(StoreError) as caught:
        Store.open(address)
    message = one_line(caught.value)
    assert message.startswith("store PostgreSQL 127.0.0.1:1/x: the server does not answer or refuses: ")
    assert "Connection refused" in message


def test_a_database_that_does_not_exist() -> None:
    with pytest.raises(StoreError, match='database "no_such_database" does not exist') as caught:
        Store.open(shared_server().url("no_such_database", password=PASSWORD))
    assert one_line(caught.value)


def test_a_role_that_does_not_exist() -> None:
    with pytest.raises(StoreError, match='role "nobody_we_know" does not exist'):
        Store.open(shared_server().url("postgres", user="nobody_we_know"))


def test_a_schema_one_may_not_write() -> None:
    server = shared_server()
    url = server.create_database()
    with Store.open(server.create_database()) as other, other._write() as connection:
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN"))
    with pytest.raises(StoreError, match="permission denied for schema public"):
        Store.open(url.replace("tester@", "reader@"))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://user:{PASSWORD}@more@host/base",
        f"postgresql+psycopg://user:x@{PASSWORD}:5432x/base",
        f"postgresql+psycopg://user:{PASSWORD}@host",
        f"postgresql+psycopg://user:{PASSWORD}@host/",
        f"postgresql+psycopg://us:er:x@y:{PASSWORD}@host/base",
    ],
)
def test_a_url_that_cannot_be_meant_is_told_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="percent-encode") as caught:
        Store.open(url)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("url", [f"postgresql://u:{PASSWORD}@h/b", f"postgresql+asyncpg://u:{PASSWORD}@h/b"])
def test_another_driver_is_not_taken(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql\+psycopg://") as caught:
        Store.open(url)
    assert PASSWORD not in str(caught.value)


def test_the_password_is_not_in_the_repr() -> None:
    server = shared_server()
    url = server.create_database().replace("tester@", f"tester:{PASSWORD}@")
    with Store.open(url) as store:
        assert PASSWORD not in repr(store)
        assert repr(store).startswith("<Store PostgreSQL 127.0.0.1:")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"PostgreSQL needs the extra postgres: pip install"):
        Store.open("postgresql+psycopg://user@host/base")


def test_types_are_the_servers_own() -> None:
    with Store.open(shared_server().create_database()) as store:
        entry = make_entry(1, modified_at=at(1).astimezone(PARIS))
        store.save_page(DEMARCHE, [entry], None)
        with store._read() as connection:
            row = connection.execute(
                text(
                    "SELECT pg_typeof(raw)::text AS raw, pg_typeof(modified_at)::text AS moment,"
                    " raw->'champs'->0->>'value' AS value, modified_at FROM dossiers"
                )
            ).one()
    assert (row.raw, row.moment, row.value) == ("jsonb", "timestamp with time zone", "Forum")
    assert row.modified_at == at(1)


def test_a_schema_of_its_own_by_the_url() -> None:
    url = shared_server().create_database()
    with Store.open(url) as store, store._write() as connection:
        connection.execute(text("CREATE SCHEMA bridge"))
    with Store.open(f"{url}?options=-csearch_path%3Dbridge") as store:
        store.save_page(DEMARCHE, [make_entry(1)], None)
    with Store.open(url) as store, store._read() as connection:
        assert connection.execute(text("SELECT count(*) FROM bridge.dossiers")).scalar_one() == 1
        assert store.count(DEMARCHE) == 0
