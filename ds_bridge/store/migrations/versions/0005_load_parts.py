"""Load parts: the place of each walk of a first load that is pulled in parallel.

A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table of parts."""
    op.create_table(
        "load_parts",
        sa.Column("demarche", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("query_hash", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("reached", INSTANT),
        sa.Column("high_water", INSTANT),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("demarche", "name", name="pk_load_parts"),
    )


def downgrade() -> None:
    """Drop the table: an unfinished load then begins again from the start, in order."""
    op.drop_table("load_parts")
