"""Store: dossiers, deletions, checkpoints and runs in SQLite or PostgreSQL."""
