"""Problems: why one file could not be downloaded, while the others go on. These errors never leave this
package: the manifest and the summary say the problem without a name or an address."""

from __future__ import annotations


class FileProblemError(Exception):
    """This file cannot be downloaded: the message says why."""


class AddressExpiredError(FileProblemError):
    """403, 404 or 410: a new address must be asked for."""


class WrongBytesError(FileProblemError):
    """All bytes came, and they are not the announced ones."""
