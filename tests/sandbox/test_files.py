"""Files of the sandbox: bytes that match what is said of them, at an address that ends."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ds_bridge import Client
from ds_bridge.config import ApiSettings
from ds_bridge.files.wanted import WantedFile, list_wanted
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    world = World(seed=1)
    world.seed_dossiers(3, ALL_KINDS_NUMBER)
    with SandboxServer(world=world, requests_per_minute=None) as running:
        yield running


def read(server: SandboxServer) -> list[dict[str, Any]]:
    with Client(ApiSettings(url=server.url, token=server.token)) as client:
        numbers = [dossier.number for dossier in client.dossiers(ALL_KINDS_NUMBER)]
        return [client.raw_dossier(number) for number in numbers]


def first_file(server: SandboxServer) -> WantedFile:
    return next(wanted for raw in read(server) for wanted in list_wanted(raw))


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def test_every_file_has_the_bytes_it_announces(server: SandboxServer) -> None:
    files = [wanted for raw in read(server) for wanted in list_wanted(raw)]
    assert len(files) > 3
    assert {bool(wanted.row_id) for wanted in files} == {True, False}
    for wanted in files:
        answer = httpx.get(wanted.url)
        assert answer.status_code == 200
        assert (len(answer.content), md5(answer.content)) == (wanted.size, wanted.checksum)


def test_only_the_address_changes_from_one_reading_to_the_next(server: SandboxServer) -> None:
    before = first_file(server)
    raw = read(server)
    server.world.advance(dt.timedelta(minutes=1))
    again = read(server)
    assert first_file(server).url != before.url
    assert _without_addresses(again) == _without_addresses(raw)


def _without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_addresses(inner) for key, inner in value.items() if key != "url"}
    return [_without_addresses(item) for item in value] if isinstance(value, list) else value


def test_an_address_ends_after_an_hour_by_the_worlds_clock(server: SandboxServer) -> None:
    wanted = first_file(server)
    server.world.advance(dt.timedelta(minutes=59))
    assert httpx.get(wanted.url).status_code == 200
    server.world.advance(dt.timedelta(minutes=2))
    assert httpx.get(wanted.url).status_code == 403
    assert httpx.get(first_file(server).url).status_code == 200


def test_an_address_cannot_be_changed(server: SandboxServer) -> None:
    *start, digest, expires, signature, name = first_file(server).url.split("/")
    changed = [
        (digest, str(int(expires) + 1), signature),
        ("0" * 32, expires, signature),
        (digest, expires, "0" * 32),
        (digest, "soon", signature),
        (digest, "²", signature),
    ]
    for parts in changed:
        assert httpx.get("/".join([*start, *parts, name])).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=2-", 206, slice(2, None)),
        ("bytes=1-3", 206, slice(1, 4)),
        ("bytes=0-99999", 206, slice(0, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=3-1", 416, slice(0, 0)),
        ("lines=1-2", 200, slice(0, None)),
    ],
)
def test_ranges(server: SandboxServer, asked: str, status: int, part: slice) -> None:
    wanted = first_file(server)
    whole = httpx.get(wanted.url).content
    answer = httpx.get(wanted.url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, whole[part])
    if status == 206:
        start, stop, _ = part.indices(len(whole))
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_faults_of_downloads(server: SandboxServer) -> None:
    wanted = first_file(server)
    whole = httpx.get(wanted.url).content
    for action in ("wrong_bytes", "truncated"):
        server.faults.add(Fault(action=action, operation="File", times=1))
        assert httpx.get(wanted.url).content != whole
    server.faults.add(Fault(action="drop_inside", operation="File", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(wanted.url)
    assert httpx.get(wanted.url).content == whole
