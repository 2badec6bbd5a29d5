"""First tables: dossiers and what belongs to them, checkpoints, runs, dossiers set aside, published views.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
SEARCHABLE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create every table."""
    _create_dossiers()
    _create_belongings()
    _create_walks()
    op.create_table(
        "demarches",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("form", sa.JSON()),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("purged_before", INSTANT),
        sa.PrimaryKeyConstraint("number", name="pk_demarches"),
    )
    op.create_table(
        "published_views",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("demarche", NUMBER, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_published_views"),
    )


def downgrade() -> None:
    """Drop every table: nothing is left of the store."""
    for table in (
        "published_views",
        "demarches",
        "set_aside",
        "runs",
        "checkpoints",
        "anomalies",
        "block_rows",
        "dossiers",
    ):
        op.drop_table(table)


def _create_dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("demarche", NUMBER, nullable=False),
        sa.Column("state", sa.Text()),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("deposited_at", INSTANT),
        sa.Column("modified_at", INSTANT),
        sa.Column("revision", sa.Text()),
        sa.Column("valid", sa.Boolean()),
        sa.Column("pulled_at", INSTANT),
        sa.Column("deleted_at", INSTANT),
        sa.Column("deletion_kind", sa.Text()),
        sa.Column("deletion_reason", sa.Text()),
        sa.Column("raw_fingerprint", sa.Text()),
        sa.Column("document_fingerprint", sa.Text()),
        sa.Column("document", sa.JSON()),
        sa.Column("raw", SEARCHABLE),
        sa.PrimaryKeyConstraint("number", name="pk_dossiers"),
        sa.CheckConstraint(
            "deletion_kind IN ('deleted', 'pending', 'vanished')", name=op.f("ck_dossiers_deletion_kind")
        ),
        sa.CheckConstraint(
            "(deletion_kind IS NULL) = (deleted_at IS NULL)", name=op.f("ck_dossiers_tombstone")
        ),
        sa.CheckConstraint(
            "deletion_kind IS NOT NULL OR (raw IS NOT NULL AND document IS NOT NULL AND state IS NOT NULL"
            " AND deposited_at IS NOT NULL AND modified_at IS NOT NULL AND valid IS NOT NULL"
            " AND pulled_at IS NOT NULL AND raw_fingerprint IS NOT NULL"
            " AND document_fingerprint IS NOT NULL)",
            name=op.f("ck_dossiers_content"),
        ),
    )
    op.create_index(
        "ix_dossiers_demarche_deletion_kind_number", "dossiers", ["demarche", "deletion_kind", "number"]
    )
    op.create_index("ix_dossiers_demarche_modified_at", "dossiers", ["demarche", "modified_at"])


def _create_belongings() -> None:
    op.create_table(
        "block_rows",
        sa.Column("dossier", NUMBER, nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Text()),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "block", "position", name="pk_block_rows"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name="fk_block_rows_dossier", ondelete="CASCADE"
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_block_rows_position")),
    )
    op.create_table(
        "anomalies",
        sa.Column("dossier", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "position", name="pk_anomalies"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name="fk_anomalies_dossier", ondelete="CASCADE"
        ),
        sa.CheckConstraint("severity IN ('error', 'warning')", name=op.f("ck_anomalies_severity")),
    )


def _create_walks() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("since", INSTANT),
        sa.Column("cursor", sa.Text()),
        sa.Column("high_water", INSTANT),
        sa.Column("query_hash", sa.Text()),
        sa.PrimaryKeyConstraint("demarche", "stream", name="pk_checkpoints"),
        sa.CheckConstraint(
            "stream IN ('dossiers', 'deleted', 'pending')", name=op.f("ck_checkpoints_stream")
        ),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("demarche", NUMBER, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("summary", sa.JSON()),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_demarche_started_at", "runs", ["demarche", "started_at"])
    op.create_table(
        "set_aside",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("demarche", "number", name="pk_set_aside"),
        sa.CheckConstraint("tries > 0", name=op.f("ck_set_aside_tries")),
    )
    op.create_index("ix_set_aside_demarche_next_try_at", "set_aside", ["demarche", "next_try_at"])
