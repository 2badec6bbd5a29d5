"""HTTP by hand, for requests that no client would send."""

import socket
from typing import Any

import httpx
import orjson

from tests.web.process import Service


def connect(service: Service) -> socket.socket:
    return socket.create_connection(service.address, timeout=20)


def write_head(service: Service, *headers: str, path: str = "/v1/demarches/cra/prefill") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: service",
        f"Authorization: Bearer {service.keys.full}",
        "Content-Type: application/json",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_answer(connection: socket.socket) -> tuple[int, httpx.Headers, Any]:
    """Status, headers and JSON body of the answer; the connection is closed."""
    with connection, connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        fields: list[tuple[bytes, bytes]] = []
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            fields.append((name, value.strip()))
        headers = httpx.Headers(fields)
        return status, headers, orjson.loads(stream.read(int(headers["content-length"])))
