"""Drafts: which one was made for whom, and what became of it.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table of drafts."""
    op.create_table(
        "drafts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("demarche", NUMBER, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("identifiant", NUMBER),
        sa.Column("structure_identifiant", NUMBER),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("processed_at", INSTANT),
        sa.Column("gone_at", INSTANT),
        sa.Column("checked_at", INSTANT),
        sa.PrimaryKeyConstraint("number", name="pk_drafts"),
        sa.CheckConstraint(
            "state IN ('prefilled', 'claimed', 'deposited', 'processed', 'gone')",
            name=op.f("ck_drafts_state"),
        ),
        sa.CheckConstraint("(state = 'gone') = (gone_at IS NOT NULL)", name=op.f("ck_drafts_gone")),
    )
    op.create_index("ix_drafts_demarche_state", "drafts", ["demarche", "state"])
    op.create_index("ix_drafts_demarche_identifiant", "drafts", ["demarche", "identifiant"])


def downgrade() -> None:
    """Drop the table. What became of the drafts is lost; the dossiers made from them stay."""
    op.drop_table("drafts")
