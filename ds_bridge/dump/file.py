"""A file that is written whole or not at all. It holds people's data, so it is private from byte one."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ds_bridge.errors import ConfigurationError, StoreError

_STREAMS = {"stdout": 1, "stderr": 2}
_OPEN_STREAM = re.compile(r"/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/([0-9]{1,4})")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream to a temporary file (0600) beside `path`, which replaces it when everything is on the disk.

    After a failure the old file at `path` is still there, and the temporary file is removed. A device, a pipe
    or an open stream (`/dev/stdout`) is written directly. Raises ConfigurationError when the path is not
    possible, StoreError when the disk fails.
    """
    if match := _OPEN_STREAM.fullmatch(str(path)):
        with os.fdopen(os.dup(_STREAMS.get(match[1]) or int(match[2])), "wb") as stream:
            yield stream
        return
    target = path.resolve()  # a link stays a link: its target is replaced
    if target.is_dir():
        raise ConfigurationError(f"output {str(path)!r}: it is a folder: give the path of a file in it")
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        with _beside(path, target) as stream:
            yield stream
    except OSError as error:
        raise StoreError(f"output {str(path)!r}: {error.strerror}: nothing was replaced") from None


@contextmanager
def _beside(path: Path, target: Path) -> Iterator[BinaryIO]:
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise ConfigurationError(
            f"output {str(path)!r}: the folder {str(target.parent)!r} cannot be written: {error.strerror}"
        ) from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
