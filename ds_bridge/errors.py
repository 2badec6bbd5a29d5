"""Every error ds-bridge raises on purpose, grouped by what the caller can do about it.

    DsBridgeError
    ├── ConfigurationError          fix the configuration or the command, run again        exit 2
    │   ├── MappingError            a model's fields do not resolve on the form
    │   │   └── UnfitModelError     not one of them does: the model is another form's
    │   ├── PrefillError            a link that cannot be built from what was given
    │   │   └── DraftNeededError    the values are good, but only a draft can carry them
    │   │       └── LinkTooLongError    more than 2,000 characters
    │   ├── PathMovedError          an old path: the platform redirects it and loses every value
    │   ├── FormNotPublicError      not open data: its form needs a token; links and drafts do not
    │   │   └── DraftDemarcheError  a draft: its form is public to nobody
    │   ├── DemarcheClosedError     closed: no link and no draft can open a dossier
    │   ├── MissingExtraError       a library is not installed: an optional part was left out
    │   ├── StoreVersionError       the store was written by another version of ds-bridge
    │   └── SweepRefusedError       a sweep would make too much vanish: look, then say --yes
    ├── AccessError                 get another token, or a wider one                      exit 3
    │   ├── TokenMissingError       no token is configured
    │   ├── TokenRefusedError       unknown, or not accepted from this network
    │   ├── TokenExpiredError
    │   ├── ReadOnlyTokenError      the token may read and change nothing
    │   └── OutOfScopeError         the token does not cover this démarche or dossier
    ├── NotFoundError               the démarche or dossier does not exist (or not for this token)   exit 2
    ├── RetriableError              wait, ask again                                        exit 4
    │   ├── NetworkError            no answer: connection refused, dropped, or timed out
    │   ├── RateLimitedError        429, carries when to come back
    │   ├── ServerFaultError        5xx or `internal_server_error`, carries `exception_id`
    │   ├── QueryTimeoutError       GraphQL `timeout`: a smaller page may pass
    │   └── GarbledAnswerError      an answer that is no GraphQL (HTML, cut JSON, wrong encoding)
    ├── ProtocolError               the platform answered what it never should: report it  exit 4
    │   ├── BadRequestError         it refused our query or an argument
    │   │   └── TooLargeQueryError  too complex or too long: fewer dossiers, or fewer options
    │   ├── BadDataError            `invalid_null`: its own data breaks its schema
    │   └── PagingError             a page without page info, a cursor that does not move
    ├── DraftOutcomeUnknownError    a draft was asked for, nobody knows whether it was made  exit 4
    ├── PlatformUnavailableError    all retries spent; what was pulled is kept             exit 4
    ├── StoreError                  the database or the disk failed                        exit 1
    ├── LockedError                 another run holds the lock                             exit 6
    └── InterruptedRunError         a signal asked for the end; what was pulled is kept    exit 130/143

A message says what failed, where, and what to do. It never holds a token or a person's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any


class DsBridgeError(Exception):
    """Base of the tree. `exit_code` is what the command ends with."""

    exit_code = 1


class ConfigurationError(DsBridgeError):
    """Something the user wrote is wrong: the message names the key, the file and the remedy."""

    exit_code = 2


class MappingError(ConfigurationError):
    """A domain model cannot be resolved on a form: the message lists fields and candidates."""


class UnfitModelError(MappingError):
    """No field of a domain model has a champ on the form: the message lists all of them."""


class PrefillError(ConfigurationError):
    """A prefilled link cannot be built: the message names the champ, never the value.

    `problems`: one text for each champ that cannot be sent; empty when the values were not checked.
    """

    def __init__(self, message: str, *, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class DraftNeededError(PrefillError):
    """A link cannot carry these values to this instance; a draft can."""


class LinkTooLongError(DraftNeededError):
    """The link would be `length` characters long, above what the platform advises."""

    def __init__(self, message: str, *, length: int) -> None:
        super().__init__(message)
        self.length = length


class PathMovedError(ConfigurationError):
    """The configured path is an old one: the platform redirects to `path` and drops all parameters."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class FormNotPublicError(ConfigurationError):
    """The démarche is not open data, so only a token reads its form. Links and drafts need no form."""


class DraftDemarcheError(FormNotPublicError):
    """The démarche is a draft (brouillon): its form is public to nobody, its links are for tests."""


class DemarcheClosedError(ConfigurationError):
    """The démarche is closed or unknown to the platform: nothing can be opened there."""


class MissingExtraError(ConfigurationError):
    """`what` needs the optional part `extra`. The message says the one way to install it."""

    def __init__(self, what: str, extra: str) -> None:
        wheel = f"ds_bridge-{metadata.version('ds-bridge')}-py3-none-any.whl"
        super().__init__(
            f"{what} needs the extra {extra}: pip install '{wheel}[{extra}]' (make dist makes it)"
        )


class StoreVersionError(ConfigurationError):
    """The store's schema is newer than this version of ds-bridge (or not one of ours)."""


class SweepRefusedError(ConfigurationError):
    """A full sweep would mark more dossiers as vanished than the settings allow."""


class AccessError(DsBridgeError):
    """The platform refuses: another token, or a wider one, is needed."""

    exit_code = 3


class TokenMissingError(AccessError):
    """No token is configured: nothing was asked."""


class TokenRefusedError(AccessError):
    """HTTP 403 `forbidden`: an unknown token, or a network it does not allow."""


class TokenExpiredError(AccessError):
    """HTTP 401 `unauthorized`: tokens live 365 days at most."""


class ReadOnlyTokenError(AccessError):
    """A mutation was refused because the token is configured for reading only."""


class OutOfScopeError(AccessError):
    """`unauthorized` with HTTP 200: the token does not cover this démarche or dossier."""


class NotFoundError(DsBridgeError):
    """`not_found`: no such démarche or dossier. A number in the configuration is likely wrong."""

    exit_code = 2


class RetriableError(DsBridgeError):
    """Worth another try later. The retry policy of `api.retry` is built on this class; it counts `tries`."""

    exit_code = 4
    tries = 1

    def __str__(self) -> str:
        return super().__str__() + (f" (tried {self.tries} times)" if self.tries > 1 else "")


class NetworkError(RetriableError):
    """No complete answer: unresolved name, refused or dropped connection, or time out.

    `connected` is False when nobody answered at all: then a smaller page cannot help.
    """

    def __init__(self, message: str, *, connected: bool = True) -> None:
        super().__init__(message)
        self.connected = connected


class RateLimitedError(RetriableError):
    """HTTP 429. `wait_seconds` is how long the platform asks us to stay away, from its own clock."""

    def __init__(self, message: str, *, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class ServerFaultError(RetriableError):
    """HTTP 5xx or `internal_server_error`. Quote `exception_id` to the platform's support."""

    def __init__(self, message: str, *, exception_id: str | None = None) -> None:
        super().__init__(message)
        self.exception_id = exception_id


class QueryTimeoutError(RetriableError):
    """GraphQL `timeout`, with or without partial data, which is never used."""


class GarbledAnswerError(RetriableError):
    """The body is not a GraphQL answer: HTML, truncated or invalid JSON, invalid UTF-8, too large."""


class ProtocolError(DsBridgeError):
    """The platform broke its own contract, or we broke it: to be reported, not retried."""

    exit_code = 4


class BadRequestError(ProtocolError):
    """`bad_request` or `graphql_parse_failed`, or an error code ds-bridge does not know."""


class TooLargeQueryError(BadRequestError):
    """The platform refuses to work out a query: it asks for too much at once, or is too long."""


class BadDataError(ProtocolError):
    """`invalid_null`: a dossier of the platform breaks the platform's schema.

    `paths` are the places that are null, each with the platform's message; `data` is the answer around them.
    """

    def __init__(
        self,
        message: str,
        *,
        data: Mapping[str, Any] | None = None,
        paths: Sequence[tuple[tuple[str | int, ...], str]] = (),
    ) -> None:
        super().__init__(message)
        self.data, self.paths = data, paths


class PagingError(ProtocolError):
    """A page that cannot be followed: no page info, or a null or unmoved cursor with a next page."""


class DraftOutcomeUnknownError(DsBridgeError):
    """A request for a draft may have arrived, and no answer says so. It is never sent again by itself."""

    exit_code = 4


class PlatformUnavailableError(DsBridgeError):
    """The platform did not give an answer after every retry; what was pulled before is kept."""

    exit_code = 4


class StoreError(DsBridgeError):
    """The database or its disk failed. The current page is lost; everything before it is kept."""


class LockedError(DsBridgeError):
    """Another run works on this démarche and store. The message says which and since when."""

    exit_code = 6


class InterruptedRunError(DsBridgeError):
    """A signal ended the run after its last whole page. `signal_number` gives the exit code."""

    def __init__(self, message: str, *, signal_number: int) -> None:
        super().__init__(message)
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number
