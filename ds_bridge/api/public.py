"""Public client: what the platform answers without a token. A path or a number in, a form or drafts out.

Reading is tried again like any query. Making a draft is not: the platform makes one for every request that
arrives. So a request is sent again only when it certainly did not arrive (refused connection, HTTP 429).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

import httpx
import orjson

from ds_bridge.api.answers import read_rate_wait
from ds_bridge.api.body import decode, read_body
from ds_bridge.api.deadline import within
from ds_bridge.api.http_client import open_http
from ds_bridge.api.pace import Pace
from ds_bridge.api.proxies import name_proxy
from ds_bridge.api.retry import Retry
from ds_bridge.config import ApiSettings
from ds_bridge.errors import (
    BadRequestError,
    ConfigurationError,
    DemarcheClosedError,
    DraftDemarcheError,
    DraftOutcomeUnknownError,
    FormNotPublicError,
    GarbledAnswerError,
    NetworkError,
    NotFoundError,
    PathMovedError,
    RateLimitedError,
    ServerFaultError,
)
from ds_bridge.form import Form

POSTS = 15
POST_WINDOW_SECONDS = 15.0
"""The platform takes this many drafts in this many seconds from one address."""

TOKENS_A_CALL = 50
MAX_BODY_BYTES = 32 * 1024 * 1024

_DRAFT_KEYS = ("dossier_url", "dossier_number", "dossier_prefill_token")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it came over the wire."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the answer is a redirection."""
        return 300 <= self.status < 400 and "Location" in self.headers


class PublicClient:
    """One instance of the platform, without a token. Several threads may use it.

    `pace` keeps drafts under the platform's limit; share one between clients of one address.

    >>> PublicClient(ApiSettings(url="https://demarche.numerique.gouv.fr"))
    <PublicClient https://demarche.numerique.gouv.fr>
    """

    def __init__(
        self,
        settings: ApiSettings,
        *,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._origin = settings.url
        self._timeout = settings.timeout_seconds
        self._pace = pace or Pace(POSTS, window_seconds=POST_WINDOW_SECONDS, sleep=sleep)
        self._retry = Retry(settings.attempts, sleep=sleep)
        self._http = open_http(self._origin, timeout_seconds=self._timeout)

    def __repr__(self) -> str:
        return f"<PublicClient {self._origin}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def form(self, path: str, *, number: int | None = None) -> Form:
        """The form of the démarche at `path`. See `form_document` for the errors."""
        return Form.from_schema(self.form_document(path, number=number))

    def form_document(self, path: str, *, number: int | None = None) -> dict[str, Any]:
        """`GET /preremplir/<path>/schema`, after making sure that links to `path` keep their values.

        Raises PathMovedError for an old path, FormNotPublicError when the démarche is not open data or is a
        draft, DemarcheClosedError, NotFoundError. `number` lets it tell a form that is not public from a
        closed démarche.
        """
        self._refuse_old_path(path)
        response = self._get(f"/preremplir/{path}/schema", f"form of {path!r}")
        if response.status == 404:
            self._explain_missing_form(path, number)
        if response.body.strip() == b"null":  # since September 2026
            raise DraftDemarcheError(
                f"the démarche of path {path!r} is a draft (brouillon): its form is public to nobody;"
                " links and drafts work"
            )
        document = _read_json(response, f"form of {path!r}")
        if not isinstance(document, dict):
            raise GarbledAnswerError(f"form of {path!r}: the answer is no démarche")
        return document

    def create_draft(self, demarche: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """`POST` one draft; gives `dossier_url`, `dossier_number`, `dossier_prefill_token`.

        Raises DraftOutcomeUnknownError when a draft may have been made and no answer says so: the request is
        not sent again. Raises DemarcheClosedError for a démarche that is closed or unknown.
        """
        content = orjson.dumps(dict(body))
        return self._retry.run(lambda: self._post_draft(demarche, content))

    def follow(self, demarche: int, tokens: Sequence[str]) -> list[dict[str, Any]]:
        """What became of drafts: `state`, `dossier_number`, `dossier_prefill_token`, dates.

        Those the platform has forgotten are left out. Asks for 50 at a time.
        """
        what = f"drafts of démarche {demarche}"
        found: list[dict[str, Any]] = []
        for some in _batches(tokens, TOKENS_A_CALL):
            response = self._get(
                f"/api/public/v1/demarches/{demarche}/dossiers", what, {"prefill_token": ",".join(some)}
            )
            if response.status == 404:
                _refuse_closed(demarche)
            answer = _read_json(response, what)
            if not isinstance(answer, list):
                raise GarbledAnswerError(f"{what}: the answer is no list")
            found.extend(item for item in answer if isinstance(item, dict))
        return found

    def _post_draft(self, demarche: int, content: bytes) -> dict[str, Any]:
        what = f"draft of démarche {demarche}"
        self._pace.wait()
        try:
            response = self._send(
                "POST",
                f"/api/public/v1/demarches/{demarche}/dossiers",
                what,
                content=content,
                headers={"Content-Type": "application/json"},  # the platform refuses it with a charset
            )
        except NetworkError as error:
            if error.connected:
                _refuse_to_guess(what, str(error))
            raise
        except GarbledAnswerError as error:
            _refuse_to_guess(what, str(error))
        if response.status == 429:
            wait = read_rate_wait(response.headers)
            self._pace.close_for(wait)
            raise RateLimitedError(f"{what}: too many requests (HTTP 429)", wait_seconds=wait)
        if response.status == 404:
            _refuse_closed(demarche)
        if response.status >= 500:
            _refuse_to_guess(what, f"HTTP {response.status}")
        self._refuse_redirect(response, what)
        if response.status >= 400:
            raise BadRequestError(f"{what}: refused (HTTP {response.status})")
        answer = _decode(response.body)
        if not isinstance(answer, dict) or any(not answer.get(key) for key in _DRAFT_KEYS):
            _refuse_to_guess(what, "the answer names no dossier")
        return answer

    def _refuse_old_path(self, path: str) -> None:
        response = self._get(f"/commencer/{path}", f"path {path!r}", keep_redirect=True)
        target = urlsplit(response.headers.get("Location", "")).path
        # The platform redirects to its front page when it does not know the path.
        if response.status == 404 or (response.leads_elsewhere and target in ("", "/")):
            raise NotFoundError(
                f"the platform knows no path {path!r}: copy it from /commencer/<path> as it shows it today"
            )
        if not response.leads_elsewhere:
            return
        prefix, _, other = target.strip("/").partition("/")
        if prefix == "commencer" and other and other != path:
            raise PathMovedError(
                f"the path {path!r} now redirects to {other!r}, and a link loses its values on the way: "
                f"set the démarche's path to {other!r}",
                path=other,
            )

    def _explain_missing_form(self, path: str, number: int | None) -> NoReturn:
        if number is None:
            raise NotFoundError(
                f"no public form at path {path!r}: the path is unknown, or the démarche is closed, "
                "or it is not open data"
            )
        response = self._get(f"/api/public/v1/demarches/{number}/dossiers", f"démarche {number}")
        if response.status == 404:
            _refuse_closed(number)
        raise FormNotPublicError(
            f"démarche {number} is open, but the form of path {path!r} is not public: either the démarche is "
            "not open data (links and drafts work; a token reads its form), or the path is another démarche's"
        )

    def _get(
        self,
        address: str,
        what: str,
        params: Mapping[str, str] | None = None,
        *,
        keep_redirect: bool = False,
    ) -> Answer:
        """A GET, tried again while that may help. HTTP 404 and, if asked for, redirects are answers."""

        def ask() -> Answer:
            response = self._send("GET", address, what, params=params)
            status = response.status
            if status == 429:
                raise RateLimitedError(
                    f"{what}: too many requests (HTTP 429)", wait_seconds=read_rate_wait(response.headers)
                )
            if status >= 500:
                raise ServerFaultError(f"{what}: the platform failed (HTTP {status})")
            if not keep_redirect:
                self._refuse_redirect(response, what)
            if status >= 400 and status != 404:
                raise BadRequestError(f"{what}: refused (HTTP {status})")
            return response

        return self._retry.run(ask)

    def _refuse_redirect(self, response: Answer, what: str) -> None:
        if response.leads_elsewhere:
            target = urlsplit(response.headers.get("Location", ""))
            where = f" to {target.scheme}://{target.netloc}" if target.netloc else ""
            raise ConfigurationError(f"{what}: the platform redirects{where}: check api.url and the path")

    def _send(
        self,
        method: str,
        address: str,
        what: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One exchange, in one deadline. Foreign errors of the network are translated here only."""
        try:
            with (
                within(self._timeout),
                self._http.stream(
                    method, self._origin + address, params=params, content=content, headers=headers
                ) as response,
            ):
                body = read_body(response, what, limit=MAX_BODY_BYTES)
                return Answer(response.status_code, response.headers, bytes(body))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            where = f"{self._origin}{name_proxy(self._origin)}"
            raise NetworkError(f"{what}: no answer from {where}: {error}", connected=False) from None
        except httpx.PoolTimeout:
            raise NetworkError(f"{what}: no connection is free", connected=False) from None
        except httpx.TimeoutException:
            raise NetworkError(f"{what}: no answer within {self._timeout:g} s") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ConfigurationError(f"api.url cannot be used: {error}") from None
        except httpx.HTTPError as error:
            raise NetworkError(f"{what}: the exchange broke off ({type(error).__name__})") from None


def _refuse_closed(number: int) -> NoReturn:
    raise DemarcheClosedError(f"démarche {number} is closed, or the platform has none of this number")


def _refuse_to_guess(what: str, reason: str) -> NoReturn:
    raise DraftOutcomeUnknownError(
        f"{what}: it may have been made, but its address is lost ({reason}). The platform "
        "destroys an unclaimed draft after 5 days. Asking again would make another one"
    )


def _read_json(response: Answer, what: str) -> Any:
    if response.status == 404:
        raise NotFoundError(f"{what}: the platform knows none (HTTP 404)")
    document = _decode(response.body)
    if document is None:
        raise GarbledAnswerError(f"{what}: the answer is no JSON")
    return document


def _decode(body: bytes) -> Any:
    try:
        return decode(body)
    except ValueError:
        return None


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
