"""Wording: numbers with their nouns, for lines that people read."""

from __future__ import annotations


def tell_count(count: int, noun: str) -> str:
    """`1 dossier`, `2 dossiers`, `0 anomalies`: only one is one.

    >>> tell_count(1, "anomaly"), tell_count(0, "anomaly"), tell_count(2, "dossier")
    ('1 anomaly', '0 anomalies', '2 dossiers')
    """
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {plural}"
