"""`RefusedValueError`: why a value cannot be sent, told without the champ's name. Only inside `prefill`.

Readers of values raise it, `check` puts the champ's name to it and makes it a `Problem`.
"""

from __future__ import annotations


class RefusedValueError(ValueError):
    """`code` is stable, for programs; the message says what is wrong and what is accepted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
