"""People and changes: whose each dossier is, and the order of the last changes of the dossiers.

Sync and remap fill `person`, because only the model knows which champ holds it. `change` starts in the order
of modification. A migration is history: it names its own types and never changes once released.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ORDER = """
UPDATE dossiers SET change = ordered.place FROM (
  SELECT number AS key,
    row_number() OVER (PARTITION BY demarche ORDER BY coalesce(modified_at, deleted_at), number) AS place
  FROM dossiers
) AS ordered WHERE ordered.key = dossiers.number
"""
_KNOW = """
INSERT INTO demarches (number, updated_at)
SELECT demarche, max(coalesce(pulled_at, deleted_at)) FROM dossiers
WHERE demarche NOT IN (SELECT number FROM demarches) GROUP BY demarche
"""
_COUNT = """
UPDATE demarches SET changes =
  (SELECT max(change) FROM dossiers WHERE dossiers.demarche = demarches.number)
"""


def upgrade() -> None:
    """Add the columns, order what is there, and make the indexes."""
    op.add_column("dossiers", sa.Column("person", NUMBER))
    op.add_column("dossiers", sa.Column("change", NUMBER))
    op.add_column("demarches", sa.Column("person_champs", sa.Text()))
    op.add_column("demarches", sa.Column("changes", NUMBER))
    op.add_column("demarches", sa.Column("feed", sa.Text()))
    op.execute(_ORDER)
    op.execute(_KNOW)
    op.execute(_COUNT)
    connection = op.get_bind()
    numbers = connection.execute(sa.text("SELECT number FROM demarches")).scalars().all()
    for number in numbers:
        connection.execute(
            sa.text("UPDATE demarches SET feed = :feed WHERE number = :number"),
            {"feed": secrets.token_hex(8), "number": number},
        )
    op.create_index("ix_dossiers_demarche_person", "dossiers", ["demarche", "person"])
    op.create_index("ix_dossiers_demarche_change", "dossiers", ["demarche", "change"])


def downgrade() -> None:
    """Take the columns away: a program that follows changes must begin again."""
    op.drop_index("ix_dossiers_demarche_change", "dossiers")
    op.drop_index("ix_dossiers_demarche_person", "dossiers")
    for column in ("feed", "changes", "person_champs"):
        op.drop_column("demarches", column)
    for column in ("change", "person"):
        op.drop_column("dossiers", column)
