"""Spreadsheets unfolded apart, with what their reader does not tell. Light: a process of its own loads it."""
