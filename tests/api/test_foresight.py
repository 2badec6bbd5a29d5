"""Foresight, against a real socket that answers page by page and sees when each is asked for."""

import gc
import itertools
import threading
import weakref
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import orjson
import pytest

from ds_bridge.api.base import as_it_came
from ds_bridge.api.client import EPOCH, Client
from ds_bridge.api.foresight import Foresight, Question
from ds_bridge.api.pace import Pace
from ds_bridge.api.queries import BoundQuery
from ds_bridge.api.routes import Route
from ds_bridge.api.transport import LONG_BYTES, Reply
from ds_bridge.config import ApiSettings
from ds_bridge.errors import DsBridgeError, ServerFaultError

PATIENCE = 20.0
PAGES = 4
END = 8192
LONG, SHORT = LONG_BYTES * 2, 10


class Platform:
    """So many pages of one dossier each; `cursors` are the places asked for, in the order they were.

    `before_end(page)` is called when all but the end of an answer has left; `spoil(page, body)` changes it.
    """

    def __init__(self, length: int = LONG) -> None:
        self.length = length
        self.cursors: list[int] = []
        self.sizes: list[int] = []
        self.was_asked = threading.Condition()
        self.refuse: Callable[[int], bool] = lambda page: False
        self.before_end: Callable[[int], object] = lambda page: None
        self.spoil: Callable[[int, bytes], bytes | None] = lambda page, body: body

    def note(self, variables: dict) -> int:
        place = variables["before"] if variables.get("last") else variables["after"]
        with self.was_asked:
            self.cursors.append(int(place or 0))
            self.sizes.append(variables.get("last") or variables["first"])
            self.was_asked.notify_all()
        return int(place or 0)

    def wait_for(self, requests: int, patience: float = PATIENCE) -> bool:
        with self.was_asked:
            return self.was_asked.wait_for(lambda: len(self.cursors) >= requests, patience)

    def answer(self, page: int) -> bytes:
        more, cursor = page < PAGES - 1, str(page + 1)
        info = {"hasNextPage": more, "endCursor": cursor, "hasPreviousPage": more, "startCursor": cursor}
        nodes = [{"number": page, "text": "x" * self.length}]
        return orjson.dumps({"data": {"demarche": {"dossiers": {"pageInfo": info, "nodes": nodes}}}})


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def url(platform):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            page = platform.note(asked["variables"])
            found = platform.spoil(page, platform.answer(page))
            body = found or b"{}"
            refused = platform.refuse(page)
            self.send_response(429 if refused else 200 if found else 503)
            if refused:
                self.send_header("Retry-After", "7")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:-END])
            self.wfile.flush()
            platform.before_end(page)
            self.wfile.write(body[-END:])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def connect(url, **options):
    settings = ApiSettings(url=url, token="t", attempts=2)
    with Client(settings, **{"sleep": lambda _: None} | options) as client:
        yield client
        join_foresight()


@pytest.fixture
def client(url):
    with connect(url) as client:
        yield client


def join_foresight():
    for thread in threading.enumerate():
        if thread.name == Foresight.__name__:
            thread.join(PATIENCE)


def walk(client, **options):
    return client.walk_dossiers(1, since=EPOCH, **{"foresee": True, "read": as_it_came} | options)


def numbers(pages):
    return [node["number"] for page in pages for node in page.nodes]


def test_the_next_page_is_asked_for_while_the_last_one_is_still_coming(platform, client):
    came = []
    platform.before_end = lambda page: came.append(platform.wait_for(page + 2) if page < PAGES - 1 else True)
    assert numbers(walk(client)) == [0, 1, 2, 3]
    assert came == [True] * PAGES
    assert platform.cursors == [0, 1, 2, 3]
    assert client.requests == PAGES


def test_backward_as_well(platform, client):
    came = []
    platform.before_end = lambda page: came.append(platform.wait_for(page + 2) if page < PAGES - 1 else True)
    assert numbers(walk(client, route=Route(backward=True))) == [0, 1, 2, 3]
    assert came == [True] * PAGES


def test_not_unless_told(platform, client):
    platform.before_end = lambda page: platform.wait_for(page + 2, 0.1)
    for reached, _ in enumerate(walk(client, foresee=False), 1):
        assert len(platform.cursors) == reached


def test_one_page_ahead_and_no_other(platform, client):
    pages = walk(client)
    for reached in range(1, PAGES):
        next(pages)
        assert platform.wait_for(reached + 1)
        join_foresight()  # the one ahead has come whole
        assert len(platform.cursors) == reached + 1
    next(pages)
    assert next(pages, None) is None
    assert len(platform.cursors) == PAGES


def test_of_a_short_answer_nothing_is_foreseen(platform, client):
    platform.length = SHORT
    for reached, _ in enumerate(walk(client), 1):
        join_foresight()
        assert len(platform.cursors) == reached


def test_left_in_the_middle(platform, client):
    pages = walk(client)
    next(pages)
    assert platform.wait_for(2)
    pages.close()
    join_foresight()
    assert platform.cursors == [0, 1]
    assert client.requests == 2


def test_a_page_that_fails_ahead_fails_in_its_turn_and_is_tried_again(platform, client):
    failures = iter([None])
    platform.spoil = lambda page, body: next(failures, body) if page == 1 else body
    pages = walk(client)
    assert numbers([next(pages)]) == [0]
    join_foresight()
    assert platform.cursors == [0, 1]
    assert numbers(pages) == [1, 2, 3]
    assert platform.cursors == [0, 1, 1, 2, 3]


def test_what_fails_ahead_for_good_is_raised_in_its_turn(platform, client):
    platform.spoil = lambda page, body: None if page >= 1 else body
    pages = walk(client, page_size=1)
    assert numbers([next(pages)]) == [0]
    with pytest.raises(ServerFaultError, match="HTTP 503"):
        next(pages)


def test_an_answer_that_breaks_behind_its_head_costs_no_second_request_behind_it(platform, client):
    """The head told the cursor, the rest is cut: the page is tried again, what is behind it comes anyway."""
    cuts = iter([True])
    platform.spoil = lambda page, body: body[:-2] + b"  " if page == 1 and next(cuts, False) else body
    assert numbers(walk(client)) == [0, 1, 2, 3]
    assert sorted(platform.cursors) == [0, 1, 1, 2, 3]


def test_nothing_is_foreseen_at_another_size_than_the_walks_own(platform, client):
    """A page failed: which size comes next is known when this one has passed."""
    failures = itertools.repeat(None, 2)
    platform.spoil = lambda page, body: next(failures, body) if page == 1 else body
    sizes = []
    for page in walk(client, page_size=8):
        if page.nodes[0]["number"] == 1:
            join_foresight()
            sizes = list(platform.sizes)
    assert sizes == [8, 8, 8, 4]
    assert platform.cursors == [0, 1, 1, 1, 2, 3]


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (b'"pageInfo":{"hasNextPage":true,"endCursor":null}', "gives no cursor"),
        (b'"pageInfo":{"hasNextPage":true,"endCursor":"1"}', "does not move"),
        (b'"pageInfo":{"hasNextPage":}', "cut or invalid JSON"),
        (b'"pageInfo":null', "without its page info"),
    ],
    ids=["no cursor", "the same cursor", "no JSON", "null"],
)
def test_a_head_that_tells_nothing_is_left_to_who_reads_the_whole(platform, client, info, words):
    def spoil(page, body):
        if page != 1:
            return body
        start = body.index(b'"pageInfo"')
        return body[:start] + info + body[body.index(b"}", start) + 1 :]

    platform.spoil = spoil
    pages = walk(client, page_size=1)
    assert numbers([next(pages)]) == [0]
    with pytest.raises(DsBridgeError, match=words):
        next(pages)
    join_foresight()
    assert set(platform.cursors) == {0, 1}


def test_the_pace_holds_for_what_is_asked_ahead(platform, url):
    """Three a minute: the fourth question waits for the next one, whoever asks it."""
    waited = []
    pace = Pace(3, clock=lambda: sum(waited), sleep=waited.append)
    with connect(url, pace=pace) as client:
        pages = walk(client)
        assert numbers(itertools.islice(pages, 2)) == [0, 1]
        assert platform.wait_for(3)
        assert waited == []
        assert numbers(pages) == [2, 3]
    assert waited == [60.0]


def test_each_exchange_is_told_and_counted_in_whichever_thread(platform, url):
    told = []
    with connect(url, on_request=lambda operation, seconds: told.append(operation)) as client:
        assert len(list(walk(client))) == PAGES
        assert (told, client.requests) == (["DossiersPage"] * PAGES, PAGES)


def test_a_refusal_ahead_closes_the_gate_for_everybody_at_once(platform, url):
    """429 to a question that nobody waits for yet: whoever shares the pace waits all the same."""
    waited = []
    pace = Pace(100, clock=lambda: sum(waited), sleep=waited.append)
    platform.refuse = lambda page: page == 1
    with connect(url, pace=pace) as client:
        pages = walk(client)
        assert numbers([next(pages)]) == [0]
        join_foresight()
        assert platform.cursors == [0, 1]
        assert pace.wait() == 7.0
        platform.refuse = lambda page: False
        assert numbers(pages) == [1, 2, 3]


@pytest.mark.parametrize("is_foreseen", [True, False])
def test_what_failed_is_gone_with_its_error(is_foreseen):
    """It holds what came of an answer, and Python looks for circles once in many pages."""

    class LostError(Exception):
        pass

    def send(request, see=None):
        if request.variables["page"]:
            raise LostError
        see(b'{"data": {"list": {"pageInfo": {"endCursor": "1"}')
        return Reply(200, httpx.Headers(), bytearray())

    def question(page, foresee):
        return Question(BoundQuery("List", "query List { list }", {"page": page}), foresee)

    last = question(1, lambda _: None)
    foresight = Foresight(send)
    gc.disable()
    try:
        foresight.ask(question(0, lambda _: last if is_foreseen else None))
        join_foresight()
        with suppress(LostError):
            try:
                foresight.ask(last)
            except LostError as error:
                gone = weakref.ref(error)
                raise
        assert gone() is None
    finally:
        gc.enable()
