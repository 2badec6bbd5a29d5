"""The service over HTTP: see `app.py`."""
