"""Health: what ops read: the state of the runs, metrics, and what would fail tonight (`doctor`)."""
