"""Actions: what is to be changed on the platform, and what became of it.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the outbox."""
    op.create_table(
        "actions",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("dossier", NUMBER, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("read", sa.JSON()),
        sa.Column("reason", sa.Text()),
        sa.Column("warning", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.CheckConstraint("state IN ('planned', 'sent', 'done', 'refused', 'unknown')", name="state"),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent"),
        sa.PrimaryKeyConstraint("demarche", "key", name="pk_actions"),
    )
    op.create_index("ix_actions_demarche_state", "actions", ["demarche", "state"])
    op.create_index("ix_actions_demarche_dossier", "actions", ["demarche", "dossier"])


def downgrade() -> None:
    """Drop the table: an action that was done may then be done again."""
    op.drop_table("actions")
