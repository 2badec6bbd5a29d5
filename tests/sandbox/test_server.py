"""The server: starts and stops fast, leaves nothing behind, and answers several at once."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from tests.sandbox.platform import CRA, EPOCH, ask, list_dossiers, numbers, read_query


def test_it_starts_and_stops_fast_and_leaves_no_thread() -> None:
    before = threading.active_count()
    started = time.monotonic()
    with SandboxServer(dossiers=50) as server:
        assert server.url == f"http://127.0.0.1:{server.url.rsplit(':', 1)[1]}"
        assert len(list_dossiers(server)["nodes"]) == 50
    assert time.monotonic() - started < 3
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_a_given_port_is_taken_and_given_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for _ in range(2):
        with SandboxServer(dossiers=0, port=port) as server:
            assert server.url.endswith(f":{port}")
            with pytest.raises(OSError, match="in use"):
                SandboxServer(dossiers=0, port=port).start()


def test_a_given_world_is_served_as_it_is() -> None:
    world = World(seed=8)
    (dossier,) = world.seed_dossiers(1)
    with SandboxServer(world=world) as server:
        assert numbers(list_dossiers(server)) == [dossier.number]
        assert server.token == world.token("full")


def test_a_state_file_outlives_the_server(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.json"
    with SandboxServer(dossiers=3, state_file=path) as server:
        (added,) = server.world.add_dossiers(1)
        known = numbers(list_dossiers(server, updatedSince=EPOCH))
    with SandboxServer(dossiers=30, state_file=path) as again:
        assert numbers(list_dossiers(again, updatedSince=EPOCH)) == known
        assert added.number in known


def test_many_ask_at_once(server: SandboxServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: numbers(list_dossiers(server)), range(40)))
    assert all(page == pages[0] for page in pages)
    assert len(server.journal) == 40


def test_a_page_of_a_hundred_dossiers_is_quick(calm: SandboxServer) -> None:
    variables = {"number": CRA, "first": 100, "updatedSince": EPOCH}
    ask(calm, read_query("dossiers_page"), **variables)
    started = time.perf_counter()
    answer = ask(calm, read_query("dossiers_page"), **variables)
    assert len(answer["data"]["demarche"]["dossiers"]["nodes"]) == 100
    # A tenth of a second on an idle machine; the bound is for a busy one.
    assert time.perf_counter() - started < 2


def test_a_large_world_is_made_and_walked_in_little_time() -> None:
    world = World(seed=2)
    started = time.perf_counter()
    world.seed_dossiers(20_000)
    assert time.perf_counter() - started < 10
    with SandboxServer(world=world, requests_per_minute=None) as server:
        started = time.perf_counter()
        found = list_dossiers(server, last=100, updatedSince=EPOCH)
        assert len(numbers(found)) == 100
        assert time.perf_counter() - started < 2
