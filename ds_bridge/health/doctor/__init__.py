"""Doctor: what would fail tonight, told today.

Takes the configuration, asks the platform and the store what they can tell without changing anything, and
gives findings: what was looked at, what was found, what to do. `examine.py` goes through it all. Nothing is
loaded here: `sync` asks one thing only, who may read the secrets.
"""
