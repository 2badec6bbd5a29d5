"""Health: what operators read: the state of the runs, metrics, and what would fail in the next run
(`doctor`)."""
