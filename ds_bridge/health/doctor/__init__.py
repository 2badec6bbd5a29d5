"""Doctor: tells today what would fail in the next run.

Takes the configuration, and asks the platform and the store questions that change nothing. Gives findings:
what was checked, what was found, what to do. `examine.py` makes all the checks. This file loads nothing,
because `sync` needs one check only: who may read the secrets.
"""
