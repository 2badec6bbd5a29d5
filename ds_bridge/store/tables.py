"""The store's tables as the code uses them. `migrations/` builds them; a test proves that both agree.

Analysts read these tables: a dossier's fields are in `document`, its blocks in `block_rows` and in the views
of `views.py`. A row of `dossiers` with a `deletion_kind` is a tombstone: keep it out of counts.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
)

from ds_bridge.store.columns import Instant, Number, Ordered, SafeText, Searchable

# The revision these tables have; the last file of `migrations/versions` (a test compares them).
REVISION = "0008"
VERSION_TABLE = "ds_bridge_version"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

demarches = Table(
    "demarches",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("name", SafeText),
    Column("form", Ordered),
    Column("updated_at", Instant, nullable=False),
    Column("purged_before", Instant),
    Column("person_champs", SafeText),
    Column("changes", Number),
    Column("feed", SafeText),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("demarche", Number, nullable=False),
    Column("state", SafeText),
    Column("archived", Boolean(create_constraint=False), nullable=False),
    Column("deposited_at", Instant),
    Column("modified_at", Instant),
    Column("revision", SafeText),
    Column("valid", Boolean(create_constraint=False)),
    Column("pulled_at", Instant),
    Column("deleted_at", Instant),
    Column("deletion_kind", SafeText),
    Column("deletion_reason", SafeText),
    Column("raw_fingerprint", SafeText),
    Column("document_fingerprint", SafeText),
    Column("document", Ordered),
    Column("raw", Searchable),
    # The person's number in the pilotage, as typed in the dossier; and the number of the dossier's last
    # change.
    Column("person", Number),
    Column("change", Number),
    CheckConstraint("deletion_kind IN ('deleted', 'pending', 'vanished')", name="deletion_kind"),
    CheckConstraint("(deletion_kind IS NULL) = (deleted_at IS NULL)", name="tombstone"),
    # Only a tombstone may have no content: its dossier was deleted before it was ever pulled.
    CheckConstraint(
        "deletion_kind IS NOT NULL OR (raw IS NOT NULL AND document IS NOT NULL AND state IS NOT NULL"
        " AND deposited_at IS NOT NULL AND modified_at IS NOT NULL AND valid IS NOT NULL"
        " AND pulled_at IS NOT NULL AND raw_fingerprint IS NOT NULL"
        " AND document_fingerprint IS NOT NULL)",
        name="content",
    ),
    Index(None, "demarche", "deletion_kind", "number"),
    Index(None, "demarche", "modified_at"),
    Index(None, "demarche", "person"),
    Index(None, "demarche", "change"),
)

block_rows = Table(
    "block_rows",
    metadata,
    Column("dossier", Number, ForeignKey(dossiers.c.number, ondelete="CASCADE"), primary_key=True),
    Column("block", SafeText, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("row_id", SafeText),
    Column("data", Ordered, nullable=False),
    CheckConstraint("position >= 0", name="position"),
)

anomalies = Table(
    "anomalies",
    metadata,
    Column("dossier", Number, ForeignKey(dossiers.c.number, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", SafeText, nullable=False),
    Column("code", SafeText, nullable=False),
    Column("severity", SafeText, nullable=False),
    Column("message", SafeText, nullable=False),
    CheckConstraint("severity IN ('error', 'warning')", name="severity"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("stream", SafeText, primary_key=True),
    Column("since", Instant),
    Column("cursor", SafeText),
    Column("high_water", Instant),
    Column("query_hash", SafeText),
    CheckConstraint("stream IN ('dossiers', 'deleted', 'pending')", name="stream"),
)

load_parts = Table(
    "load_parts",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("name", SafeText, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("began", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("query_hash", SafeText, nullable=False),
    Column("cursor", SafeText),
    Column("reached", Instant),
    Column("high_water", Instant),
    Column("complete", Boolean(create_constraint=False), nullable=False),
)

# The days to the next comparison count from `counts_from`: the last comparison, else the first load.
comparisons = Table(
    "comparisons",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("counts_from", Instant, nullable=False),
    Column("compared_at", Instant),
    Column("dossiers", Number, nullable=False),
    Column("differences", Number, nullable=False),
    Column("mended", Number, nullable=False),
)

# Streams of deletions that the platform cannot give.
lost_streams = Table(
    "lost_streams",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("stream", SafeText, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("reason", SafeText, nullable=False),
    CheckConstraint("stream IN ('deleted', 'pending')", name="stream"),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", SafeText, primary_key=True),
    Column("demarche", Number, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("summary", Ordered),
    Index(None, "demarche", "started_at"),
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("reason", SafeText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    CheckConstraint("tries > 0", name="tries"),
    Index(None, "demarche", "next_try_at"),
)

published_views = Table(
    "published_views",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("demarche", Number, nullable=False),
    Column("definition", SafeText, nullable=False),
)

form_checks = Table(
    "form_checks",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("revision", SafeText),
    Column("fingerprint", SafeText, nullable=False),
    Column("checked_at", Instant, nullable=False),
)

# What was downloaded, and what could not be downloaded (`problem` says why). `path` is where the file is.
files = Table(
    "files",
    metadata,
    Column("dossier", Number, ForeignKey(dossiers.c.number, ondelete="CASCADE"), primary_key=True),
    Column("source", SafeText, primary_key=True),
    Column("champ", SafeText, primary_key=True),
    Column("row_id", SafeText, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("filename", SafeText, nullable=False),
    Column("content_type", SafeText, nullable=False),
    Column("size", Number, nullable=False),
    Column("checksum", SafeText, nullable=False),
    Column("path", SafeText),
    Column("fetched_at", Instant),
    Column("problem", SafeText),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("(path IS NULL) = (fetched_at IS NULL)", name="fetched"),
    CheckConstraint("path IS NOT NULL OR problem IS NOT NULL", name="outcome"),
)

# `token` opens the dossier to whoever has it: it is never printed or logged.
drafts = Table(
    "drafts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("demarche", Number, nullable=False),
    Column("token", SafeText, nullable=False),
    Column("identifiant", Number),
    Column("structure_identifiant", Number),
    Column("state", SafeText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("submitted_at", Instant),
    Column("processed_at", Instant),
    Column("gone_at", Instant),
    Column("checked_at", Instant),
    CheckConstraint("state IN ('prefilled', 'claimed', 'deposited', 'processed', 'gone')", name="state"),
    CheckConstraint("(state = 'gone') = (gone_at IS NOT NULL)", name="gone"),
    Index(None, "demarche", "state"),
    Index(None, "demarche", "identifiant"),
)

# `content` is what people wrote: never printed or logged.
actions = Table(
    "actions",
    metadata,
    Column("demarche", Number, primary_key=True, autoincrement=False),
    Column("key", SafeText, primary_key=True),
    Column("position", Number, nullable=False),
    Column("dossier", Number, nullable=False),
    Column("action", SafeText, nullable=False),
    Column("fingerprint", SafeText, nullable=False),
    Column("content", Ordered),
    Column("state", SafeText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("read", Ordered),
    Column("reason", SafeText),
    Column("warning", SafeText),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    CheckConstraint("state IN ('planned', 'sent', 'done', 'refused', 'unknown')", name="state"),
    CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent"),
    Index(None, "demarche", "state"),
    Index(None, "demarche", "dossier"),
)
