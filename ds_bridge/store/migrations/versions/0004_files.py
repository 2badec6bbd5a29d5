"""Files: what was downloaded of each dossier, and what could not be downloaded.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the manifest."""
    op.create_table(
        "files",
        sa.Column("dossier", NUMBER, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("champ", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("path", sa.Text()),
        sa.Column("fetched_at", INSTANT),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("dossier", "source", "champ", "row_id", "position", name="pk_files"),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name="fk_files_dossier", ondelete="CASCADE"
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_files_position")),
        sa.CheckConstraint("(path IS NULL) = (fetched_at IS NULL)", name=op.f("ck_files_fetched")),
        sa.CheckConstraint("path IS NOT NULL OR problem IS NOT NULL", name=op.f("ck_files_outcome")),
    )


def downgrade() -> None:
    """Drop the table: every file is then downloaded again."""
    op.drop_table("files")
