"""What keeps one file from being had, while the others go on. Never leaves this package: the manifest and the
summary say it in words that name nobody and hold no address."""

from __future__ import annotations


class FileProblemError(Exception):
    """This file cannot be had: the message says why."""


class AddressExpiredError(FileProblemError):
    """403, 404 or 410: another address must be asked for."""


class WrongBytesError(FileProblemError):
    """All bytes came, and they are not the ones that were announced."""
