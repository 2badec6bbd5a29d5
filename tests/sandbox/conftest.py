"""A sandbox that only reads, shared by a session, and one to break, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ds_bridge.sandbox.server import SandboxServer


@pytest.fixture(scope="session")
def calm() -> Iterator[SandboxServer]:
    """Three hundred dossiers that nobody changes."""
    with SandboxServer(seed=3, dossiers=300, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """Twelve dossiers to do anything with."""
    with SandboxServer(seed=5, dossiers=12, requests_per_minute=None) as running:
        yield running
