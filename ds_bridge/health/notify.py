"""Notify: tells the addresses of `[notify]` when a run begins and how it ends.

Takes the exit code, the lines for people and the summaries as JSON. Gives nothing back and never raises: a
monitor that is down does not change how a run ends. No personal data is sent. An address is a secret, so
messages show only its host.

The pings use the protocol of healthchecks.io: POST to the address with `/start`, `/<exit code>` (0 is a
good end) or `/log`, and the lines as text.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ds_bridge.config import NotifySettings
from ds_bridge.errors import ConfigurationError
from ds_bridge.log import show_message

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr

TIMEOUT_SECONDS = 5.0
TRIES = 3
_WAIT_SECONDS = 1.0
_LONGEST_BODY = 10_000


@dataclass(frozen=True)
class Ending:
    """How a command ended, as it is told."""

    command: str
    exit_code: int
    lines: Sequence[str]
    summaries: Sequence[dict[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON for a webhook."""
        return {
            "command": self.command,
            "exit_code": self.exit_code,
            "lines": list(self.lines),
            "summaries": list(self.summaries),
        }


class Notifier:
    """Tells the addresses of the settings, if any. `say` gets one line for each address that fails."""

    def __init__(
        self,
        settings: NotifySettings,
        say: Callable[[str], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._say = say
        self._sleep = sleep
        self._last: int | None = None

    def tell_start(self) -> None:
        """Tell that a run begins."""
        self._tell(self._settings.ping_url, "ping_url", "/start", "")

    def tell_end(self, ending: Ending) -> None:
        """Tell that a run ended. Of runs in a row, the webhook gets only those with another end than the run
        before.

        The ping gets every run: a monitor waits for it, and tells people itself when the state changes.
        """
        lines = "\n".join(map(show_message, ending.lines))
        self._tell(self._settings.ping_url, "ping_url", f"/{ending.exit_code}", lines)
        if ending.exit_code != self._last:
            self._tell(self._settings.webhook_url, "webhook_url", "", ending.to_json())
        self._last = ending.exit_code

    def _tell(self, url: SecretStr | None, setting: str, suffix: str, body: str | dict[str, Any]) -> None:
        if url is not None and (problem := send(url, suffix, body, sleep=self._sleep)):
            self._say(f"notify.{setting}: {problem}: nobody was told there")


def send(
    url: SecretStr, suffix: str, body: str | dict[str, Any], *, sleep: Callable[[float], None] = time.sleep
) -> str | None:
    """POST, with three tries at most. Gives what went wrong, in words, or None."""
    import httpx

    from ds_bridge.api.http_client import open_http

    address = httpx.URL(url.get_secret_value())
    address = address.copy_with(path=address.path.rstrip("/") + suffix) if suffix else address
    content, kind = _encode(body)
    problem = None
    try:
        client = open_http(_origin(address), timeout_seconds=TIMEOUT_SECONDS, headers={"Content-Type": kind})
    except ConfigurationError as error:
        return str(error)
    with client:
        for attempt in range(TRIES):
            if attempt:
                sleep(_WAIT_SECONDS * attempt)
            problem, again = _post(client, address, content)
            if not again:
                return problem
    return f"{problem} (tried {TRIES} times)"


def _post(client: httpx.Client, address: httpx.URL, content: bytes) -> tuple[str | None, bool]:
    """Gives what went wrong, and whether another try may succeed."""
    import httpx

    try:
        # Do not wait for the content of the answer.
        with client.stream("POST", address, content=content) as response:
            status = response.status_code
    except httpx.HTTPError as error:
        return f"{address.host} does not answer ({type(error).__name__})", True
    if status < 300:
        return None, False
    return f"{address.host} answers {status}", status == 429 or status >= 500


def _encode(body: str | dict[str, Any]) -> tuple[bytes, str]:
    if isinstance(body, str):
        return body.encode()[:_LONGEST_BODY], "text/plain; charset=utf-8"
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def _origin(address: httpx.URL) -> str:
    return f"{address.scheme}://{address.netloc.decode()}"
