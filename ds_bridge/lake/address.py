"""Addresses: what the user wrote after `--to`, read as a folder of this machine or of a bucket. Pure."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ds_bridge.errors import ConfigurationError

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s?#]*)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# deltalake reads another folder than the one it writes.
_MISREAD = frozenset("%\\")


def read_address(lake: str) -> str:
    """The absolute path of the folder, or the bucket's address, without a slash at its end.

    Raises ConfigurationError for what is neither, and for characters that the libraries misread.
    """
    local = f"/{lake.removeprefix('file:///')}" if lake.startswith("file:///") else lake
    if _BUCKET.fullmatch(local):
        address = local.rstrip("/")
    elif not local.strip() or local == "-" or _SCHEME.match(local):
        raise ConfigurationError(f"--to {lake!r}: give a folder, or s3://bucket/folder")
    else:
        address = _find_folder(lake, local)
    if wrong := sorted({each for each in address if _is_refused(each)}):
        raise ConfigurationError(
            f"--to {lake!r}: a lake's address cannot have {', '.join(map(repr, wrong))}: give another folder"
        )
    return address


def _find_folder(lake: str, local: str) -> str:
    try:
        return str(Path(local).expanduser().absolute())
    except RuntimeError:
        raise ConfigurationError(f"--to {lake!r}: nobody's home is known by this name") from None


def _is_refused(character: str) -> bool:
    return character in _MISREAD or unicodedata.category(character) in ("Cc", "Cs")
