"""SIGTERM: what is under way finishes, nothing new comes in, and the process ends in time whatever hangs."""

import json
import signal
import socket
import time

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from tests.waiting import wait_until
from tests.web.raw import connect, read_answer, write_head

BODY = json.dumps({"identity": {"nom": "NOËL"}}).encode()
PATIENCE = 20


def count_in_flight(service):
    text = service.client.get("/metrics").text
    (line,) = (line for line in text.splitlines() if line.startswith("ds_bridge_web_requests_in_flight "))
    return float(line.split()[1]) - 1  # the one that asks


def is_refused(service):
    try:
        connect(service).close()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it stood in the queue of a closed door
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered(start, platform, number):
    service = start(platform.url)
    slow = connect(service)
    slow.sendall(write_head(service, f"Content-Length: {len(BODY)}") + BODY[:5])
    wait_until(lambda: count_in_flight(service) == 1)
    service.process.send_signal(number)
    wait_until(lambda: is_refused(service))
    assert service.process.poll() is None
    slow.sendall(BODY[5:])
    status, _, answer = read_answer(slow)
    assert status == 200
    assert "identite_nom=NO%C3%8BL" in answer["url"]
    assert service.wait() == 0
    assert service.events("ds-bridge serve: stopped")
    assert [each["status"] for each in service.events("request")] == [200]


def test_a_body_that_never_ends_does_not_hold_it(start, platform):
    service = start(platform.url, web="stop_seconds = 1")
    with connect(service) as endless:
        endless.sendall(write_head(service, "Content-Length: 100") + b"{")
        wait_until(lambda: count_in_flight(service) == 1)
        assert service.stop(seconds=PATIENCE) == 0


def test_a_platform_that_never_answers_does_not_hold_it(start):
    with SandboxServer(dossiers=0, requests_per_minute=None) as server:
        service = start(server.url, web="stop_seconds = 1")
        assert service.client.post("/v1/demarches/cra/prefill", json={}).status_code == 200
        server.faults.add(Fault(action="never", operation="CreateDraft"))
        body = b'{"method": "draft"}'
        stuck = connect(service)
        stuck.sendall(write_head(service, f"Content-Length: {len(body)}") + body)
        wait_until(lambda: server.world.drafts)
        began = time.monotonic()
        assert service.stop(seconds=PATIENCE) == 0
        assert time.monotonic() - began < 10
        assert service.events("requests were cut off")
        stuck.close()


def test_idle_connections_do_not_hold_it(start, platform):
    service = start(platform.url)
    idle = [connect(service) for _ in range(3)]
    with socket.create_connection(service.address) as half:
        half.sendall(b"POST /v1/demar")
        assert service.client.get("/healthz").status_code == 200
        assert service.stop(seconds=10) == 0
    for each in idle:
        each.close()


def test_a_form_that_never_comes_does_not_hold_it(start):
    with SandboxServer(dossiers=0, requests_per_minute=None) as server:
        server.faults.add(Fault(action="never", operation="PublicSchema"))
        service = start(server.url)
        assert service.client.get("/healthz").status_code == 200
        began = time.monotonic()
        assert service.stop(seconds=PATIENCE) == 0
        assert time.monotonic() - began < 10
        assert service.events("requests were cut off") == []
