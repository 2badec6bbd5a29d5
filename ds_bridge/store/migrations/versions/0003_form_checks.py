"""Form checks: which revision of a démarche's form the doctor looked at last.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table of checks."""
    op.create_table(
        "form_checks",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Text()),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("demarche", name="pk_form_checks"),
    )


def downgrade() -> None:
    """Drop the table: every form then counts as never checked."""
    op.drop_table("form_checks")
