"""The private folder of downloads. A file is written beside its place and renamed: a name means a whole file.

A download that has begun is `<name>.part`, and the next run continues it. `names.py` has made the names safe.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import filelock

from ds_bridge.errors import LockedError, StoreError

LOCK_NAME = ".ds-bridge-files.lock"
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_CHUNK_BYTES = 1 << 20
# Do not follow a link, and do not wait for the other end of a pipe.
_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_ODD_PART = (
    "a file cannot be written: a link, a folder, a pipe or a device stands in the place of its .part:"
    " remove it and run again"
)


@contextmanager
def open_folder(root: Path) -> Iterator[None]:
    """Make the folder and keep other runs out of it. Raises LockedError, StoreError."""
    with told("the folder of files cannot be used"):
        root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        lock = filelock.FileLock(root / LOCK_NAME, timeout=0, mode=_FILE_MODE)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise LockedError(f"another run downloads into {str(root)!r}") from None
    with lock:
        try:
            yield
        finally:
            lock.release()


class Place:
    """Where one file goes: its final path, and the part of it that has come so far."""

    def __init__(self, root: Path, folder: str, name: str) -> None:
        self._folder = root / folder
        self.path = self._folder / name
        self._part = self._folder / f"{name}.part"

    def holds(self, size: int, checksum: str) -> bool:
        """Whether the whole file is there already."""
        with told("a file cannot be read"):
            return _size(self.path) == size and (not checksum or _digest(self.path) == checksum)

    def part_size(self) -> int:
        """The number of bytes that came so far."""
        with told("a file cannot be read"):
            return max(_size(self._part), 0)

    def part_digest(self) -> str:
        """The base64 MD5 of the bytes that came so far."""
        with told("a file cannot be read"):
            return _digest(self._part)

    def drop_part(self) -> None:
        """Forget what came so far."""
        with told("a file cannot be removed"):
            self._part.unlink(missing_ok=True)

    @contextmanager
    def writing(self, *, append: bool) -> Iterator[BinaryIO]:
        """The part, open to write to.

        A link in its place is an error, since it would lead elsewhere. So is a pipe or a device: opening one
        could wait for ever.
        """
        with told("a file cannot be written"):
            self._folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            if not stat.S_ISDIR(self._folder.lstat().st_mode):
                raise StoreError(f"{str(self._folder)!r} is no folder: files are not written through a link")
            self._refuse_odd_part()
            flags = os.O_WRONLY | os.O_CREAT | _CAREFUL
            descriptor = os.open(self._part, flags | (os.O_APPEND if append else os.O_TRUNC), _FILE_MODE)
            with os.fdopen(descriptor, "wb") as out:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it appeared between the two checks
                    raise StoreError(_ODD_PART)
                yield out

    def _refuse_odd_part(self) -> None:
        """Raise StoreError when something else than a file stands where the part goes."""
        try:
            found = self._part.lstat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(_ODD_PART)

    def finish(self) -> Path:
        """Give the part its name, once it is on the disk."""
        with told("a file cannot be written"):
            descriptor = os.open(self._part, os.O_RDONLY | _CAREFUL)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(self._part, self.path)
        return self.path


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn the disk's errors into ours. A file's name is left out, since it may name somebody."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full: make room and run again" if full else error.strerror
        raise StoreError(f"{what}: {reason}") from None


def _size(path: Path) -> int:
    """The size in bytes; -1 when there is no such file, or something else in its place."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return -1
    return found.st_size if stat.S_ISREG(found.st_mode) else -1


def _digest(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return base64.b64encode(digest.digest()).decode("ascii")
