"""Proofs: when a démarche was last compared with the platform, and which streams of deletions are lost.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make both tables, empty: the next run compares a store that was never compared."""
    op.create_table(
        "comparisons",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("counts_from", INSTANT, nullable=False),
        sa.Column("compared_at", INSTANT),
        sa.Column("dossiers", NUMBER, nullable=False),
        sa.Column("differences", NUMBER, nullable=False),
        sa.Column("mended", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("demarche", name="pk_comparisons"),
    )
    op.create_table(
        "lost_streams",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("stream IN ('deleted', 'pending')", name="stream"),
        sa.PrimaryKeyConstraint("demarche", "stream", name="pk_lost_streams"),
    )


def downgrade() -> None:
    """Drop both tables: the next run then compares."""
    op.drop_table("lost_streams")
    op.drop_table("comparisons")
