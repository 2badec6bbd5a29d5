"""Where a lake is: its address in, the addresses of tables and what is needed to reach them out.

A folder of the machine, or `s3://bucket/folder`. Who may read the bucket, and where it is, is said by the
variables that every tool for S3 reads (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL`…): no key of a
bucket is ever in a configuration or a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

import obstore
from deltalake.exceptions import CommitFailedError, DeltaError
from obstore.exceptions import BaseError
from obstore.store import S3Store

from ds_bridge.errors import ConfigurationError, LockedError, StoreError
from ds_bridge.lake.address import read_address

_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_KEY_PROVIDERS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)  # on Kubernetes, ECS
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_TRIES = 3
_PATIENCE = timedelta(seconds=60)  # how long a bucket in trouble is asked again

# Of what the libraries say, only what is surely nobody's data or key: the service's code, or the socket's.
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code[: ]+([1-5][0-9]{2})|↳[^\n]{0,5} ([1-5][0-9]{2}) [A-Z]")
_SOCKET = re.compile(
    r"connection refused|timed out|dns error|no space left|permission denied|missing credentials"
    r"|no such file or directory|not a directory|read-only file system|disk quota exceeded",
    re.IGNORECASE,
)
_USERS_TO_MEND = frozenset(
    {
        "NoSuchBucket",
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "not a directory",
        "permission denied",
    }
)


@dataclass(frozen=True)
class LakePlace:
    """The folder of one démarche in a lake, without a slash at its end."""

    uri: str

    @classmethod
    def of(cls, lake: str, name: str) -> Self:
        """The démarche's folder in this lake. Raises ConfigurationError as `read_address` does."""
        if re.fullmatch(r"[\w][\w .-]*", name) is None:
            raise ConfigurationError(f"{name!r} cannot be a folder of a lake: name the démarche otherwise")
        return cls(f"{read_address(lake).rstrip('/')}/{name}")

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "://" not in self.uri

    def locate(self, table: str, file: str | None = None) -> str:
        """The address of a table, or of one of its files."""
        return "/".join(filter(None, (self.uri, table, file)))

    @property
    def delta_options(self) -> dict[str, str]:
        """What deltalake needs beside the environment."""
        if self.is_local:
            return {}
        options = {"max_retries": str(_TRIES), "retry_timeout": f"{_PATIENCE.seconds}s"}
        return options | ({"allow_http": "true"} if _is_plain_http(os.environ) else {})

    def put(self, table: str, file: str, content: bytes) -> None:
        """Write a new file of a table: on the disk, or in the bucket, when this returns."""
        with self.translated(f"the table {table}"):
            if self.is_local:
                _write_private(Path(self.locate(table, file)), content)
            else:
                obstore.put(self._bucket, f"{table}/{file}", content)

    def list_names(self, table: str) -> list[str]:
        """The names of all files and folders right in the table's folder; none when it is not there.

        Raises as `translated`.
        """
        with self.translated(f"the table {table}"):
            if self.is_local:
                folder = Path(self.locate(table))
                return sorted(os.listdir(folder)) if folder.exists() else []
            found = obstore.list_with_delimiter(self._bucket, prefix=table)
            paths = [*found["common_prefixes"], *(each["path"] for each in found["objects"])]
            return sorted(path.removeprefix(f"{table}/") for path in paths)

    def remove(self, table: str, files: Sequence[str]) -> None:
        """Remove these files of a table; one that is gone already is no error. Raises as `translated`."""
        with self.translated(f"the table {table}"):
            if self.is_local:
                for file in files:
                    Path(self.locate(table, file)).unlink(missing_ok=True)
            elif files:
                obstore.delete(self._bucket, [f"{table}/{file}" for file in files])

    @cached_property
    def _bucket(self) -> S3Store:
        return S3Store.from_url(
            self.uri,
            client_options={"allow_http": _is_plain_http(os.environ)},
            retry_config={"max_retries": _TRIES, "retry_timeout": _PATIENCE},
        )

    def prepare(self) -> None:
        """Make the folder, for its owner only, and see that it can be written; or that a bucket has a key.

        Raises ConfigurationError.
        """
        if not self.is_local:
            _need_key(self.uri, os.environ)
            return
        folder = Path(self.uri)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ConfigurationError(
                f"lake {self.uri!r}: the folder cannot be written: {error.strerror}"
            ) from None

    @contextmanager
    def translated(self, what: str) -> Iterator[None]:
        """Errors of the libraries as ours, in one line. `what` is left as it was: say so.

        Raises ConfigurationError for a bucket that is not there or not ours, LockedError when somebody else
        wrote the same table, StoreError for all that fails otherwise.
        """
        try:
            yield
        except CommitFailedError:
            raise LockedError(
                f"lake {self.uri!r}: another run wrote {what} meanwhile: nothing of this one is in it"
            ) from None
        except (DeltaError, BaseError, OSError) as error:
            reason = _find_reason(error)
            kind = ConfigurationError if reason in _USERS_TO_MEND else StoreError
            raise kind(f"lake {self.uri!r}: {what}: {reason}: nothing half-written is to be seen") from None


def _need_key(uri: str, environment: Mapping[str, str]) -> None:
    """Without them the libraries ask the network for a key, at an address of Amazon's machines, at length."""
    missing = (
        [] if environment.keys() & set(_KEY_PROVIDERS) else [name for name in _KEY if name not in environment]
    )
    if not environment.keys() & set(_REGIONS):
        missing.append(_REGIONS[0])
    if missing:
        raise ConfigurationError(f"lake {uri!r}: the environment has no {', '.join(missing)}: set them")


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _is_plain_http(environment: Mapping[str, str]) -> bool:
    address = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or ""
    return address.startswith("http://")


def _find_reason(error: Exception) -> str:
    text = str(error)
    if found := _CODE.search(text) or _SOCKET.search(text):
        return found[1] if found.re is _CODE else found[0].lower()
    if found := _STATUS.search(text):
        return f"the bucket answers {found[1] or found[2]}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
