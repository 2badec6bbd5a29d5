"""The link service: see `app.py`."""
