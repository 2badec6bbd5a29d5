"""The migrations' scripts: Alembic runs them on a connection that `schema.py` holds.

This module is loaded only when a store is not of this code's revision: loading Alembic takes longer than a
run without changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from ds_bridge.errors import StoreError


def list_revisions(target: str, folder: Path) -> set[str]:
    """The revisions that the scripts of this folder lead to. Raises StoreError, naming `target`."""
    with _translated(target):
        scripts = ScriptDirectory.from_config(_configure(None, folder))
        return {script.revision for script in scripts.walk_revisions()}


def upgrade(connection: Connection, target: str, revision: str, folder: Path) -> None:
    """Bring the tables to a newer revision. Raises StoreError, naming `target`."""
    with _translated(target):
        command.upgrade(_configure(connection, folder), revision)


def downgrade(connection: Connection, target: str, revision: str, folder: Path) -> None:
    """Take the tables back to an older one. Raises StoreError, naming `target`."""
    with _translated(target):
        command.downgrade(_configure(connection, folder), revision)


def _configure(connection: Connection | None, folder: Path) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _translated(target: str) -> Iterator[None]:
    """Translates Alembic's own errors. `failures.py` translates those of the database."""
    try:
        yield
    except CommandError:
        raise StoreError(f"{target}: its migrations cannot be run: install ds-bridge again") from None
