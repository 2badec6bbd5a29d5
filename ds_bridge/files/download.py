"""One file over HTTP: a fresh address and a place on the disk in, the whole checked file there out.

The request has no token: these addresses are signed, and the file store is another server. When an exchange
breaks off, the bytes that came are kept, and the next try asks for the rest (`Range`) if the server can.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from ds_bridge.api.body import PIECE_BYTES, walk_body
from ds_bridge.api.deadline import within
from ds_bridge.api.http_client import open_http
from ds_bridge.api.pace import Pace
from ds_bridge.api.proxies import name_proxy
from ds_bridge.api.retry import Retry
from ds_bridge.errors import GarbledAnswerError, NetworkError, RateLimitedError, ServerFaultError
from ds_bridge.files.disk import Place
from ds_bridge.files.hosts import Hosts
from ds_bridge.files.problems import AddressExpiredError, FileProblemError, WrongBytesError
from ds_bridge.files.wanted import WantedFile

MOST_REDIRECTS = 5
# An exchange that is slower than this for the whole file is given up; the next one continues it.
SLOWEST_BYTES_A_SECOND = 4096
THROTTLED_SECONDS = 30.0
_GONE = (403, 404, 410)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")


class Downloader:
    """Use from one thread; `pace` is shared. `check` is called at each piece, and may raise to stop."""

    def __init__(
        self,
        hosts: Hosts,
        *,
        pace: Pace,
        attempts: int,
        timeout_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._check = check
        self._hosts = hosts
        self._pace = pace
        self._retry = Retry(attempts, sleep=sleep)
        self._timeout = timeout_seconds
        self._http = open_http("", timeout_seconds=timeout_seconds, headers={"Accept-Encoding": "identity"})

    def close(self) -> None:
        self._http.close()

    def fetch(self, wanted: WantedFile, place: Place) -> None:
        """Bring the file to its place. Raises FileProblemError (about this file), RetriableError (after all
        tries) and StoreError (about the disk)."""
        url = self._hosts.check(wanted.url)
        try:
            self._retry.run(lambda: self._try(url, wanted, place))
        except WrongBytesError:
            # Perhaps an earlier run kept the beginning of another answer: try once more, from the start.
            self._retry.run(lambda: self._try(url, wanted, place))
        place.finish()

    def _try(self, url: httpx.URL, wanted: WantedFile, place: Place) -> None:
        had = place.part_size()
        if had > wanted.size:
            place.drop_part()
            had = 0
        if had < wanted.size or wanted.size == 0:
            self._receive(url, wanted, place, had)
        if place.part_size() < wanted.size:
            raise NetworkError("a file's last bytes did not come")
        if wanted.checksum and place.part_digest() != wanted.checksum:
            place.drop_part()
            raise WrongBytesError("its content does not have the announced checksum")

    def _receive(self, url: httpx.URL, wanted: WantedFile, place: Place, had: int) -> None:
        seconds = self._timeout + wanted.size / SLOWEST_BYTES_A_SECOND
        with within(seconds), self._opened(url, {"Range": f"bytes={had}-"} if had else {}) as response:
            append = _check_status(response, had, wanted.size, place)
            received = had if append else 0
            with place.writing(append=append) as out:
                for chunk in walk_body(response, "a file", limit=wanted.size + PIECE_BYTES, plain=True):
                    self._check()
                    received += len(chunk)
                    if received > wanted.size:
                        break
                    out.write(chunk)
        if received > wanted.size:
            place.drop_part()
            raise WrongBytesError("it is longer than announced")

    @contextmanager
    def _opened(self, url: httpx.URL, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The answer, after redirections to known hosts. Errors name no address, since it opens the file."""
        try:
            for _ in range(MOST_REDIRECTS + 1):
                self._pace.wait()
                with self._http.stream("GET", url, headers=headers) as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = self._hosts.check(url.join(response.headers["Location"]))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise NetworkError(f"no answer from {url.host}{name_proxy(url)}", connected=False) from None
        except httpx.TimeoutException:
            raise NetworkError(f"a file of {url.host} did not come within {self._timeout:g} s") from None
        except httpx.InvalidURL:
            raise FileProblemError("its address cannot be read") from None
        except httpx.HTTPError as error:
            raise NetworkError(f"a file of {url.host} broke off ({type(error).__name__})") from None
        raise FileProblemError("its address redirects in circles")


def _check_status(response: httpx.Response, had: int, size: int, place: Place) -> bool:
    """Whether the answer continues the bytes we have. Raises for anything but content."""
    status = response.status_code
    if status == 206 and had:
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if match and int(match[1]) == had and match[3] in (str(size), "*"):
            return True
    if status in (206, 416):
        place.drop_part()
        raise GarbledAnswerError("a file's part is not the one that was asked for")
    if status in _GONE:
        raise AddressExpiredError(f"its address answers {status}")
    if status == 429:
        after = response.headers.get("Retry-After", "")
        wait = float(after) if after.isascii() and after.isdigit() else THROTTLED_SECONDS
        raise RateLimitedError("the file store asks us to slow down", wait_seconds=wait)
    if status >= 500:
        raise ServerFaultError(f"the file store answers {status}")
    if status != 200:
        raise FileProblemError(f"its address answers {status}")
    return False
