"""A synced store, as the tests of dumps have it, and stores of any size made of its documents."""

from tests.dump.conftest import synced, synced_url

__all__ = ["synced", "synced_url"]
