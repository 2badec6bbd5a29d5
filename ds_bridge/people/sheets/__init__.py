"""Unfolds spreadsheets in a separate process, and finds what their reader does not tell. Loads little."""
