"""Alembic's entry: runs the migrations that `store.schema` asked for, on the connection of `store.schema`.

The caller owns the transaction and the lock, so nothing is begun or committed here.
"""

from __future__ import annotations

from alembic import context

from ds_bridge.store.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
