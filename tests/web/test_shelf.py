"""Forms in memory, stores to borrow, and what becomes of an error: the parts under the requests."""

import asyncio
import threading

import pytest
from fastapi.exceptions import RequestValidationError

from ds_bridge import errors
from ds_bridge.config import ApiSettings
from ds_bridge.errors import (
    ConfigurationError,
    DemarcheClosedError,
    DraftOutcomeUnknownError,
    LinkTooLongError,
    NetworkError,
    PrefillError,
    ProtocolError,
    RateLimitedError,
    StoreError,
)
from ds_bridge.form import Form
from ds_bridge.store import Store
from ds_bridge.web.forms import FormShelf, SourcedForm
from ds_bridge.web.outside import ImpatientClient
from ds_bridge.web.problems import KINDS, translate_error, translate_validation
from ds_bridge.web.stores import STORES, StorePool

FIRST, SECOND = (SourcedForm(Form(number, f"form {number}", ()), "platform") for number in (1, 2))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Fetch:
    """Gives or raises what is in `answer`, when the gate is open."""

    def __init__(self, answer):
        self.answer, self.calls, self.gate, self.done = answer, 0, threading.Event(), threading.Semaphore(0)
        self.gate.set()

    def __call__(self, name):
        self.calls += 1
        self.gate.wait(10)
        try:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer
        finally:
            self.done.release()


@pytest.fixture
def shelve():
    shelves = []

    def make(answer, wait=10):
        clock, fetch = Clock(), Fetch(answer)
        shelves.append((FormShelf(fetch, kept_seconds=60, wait_seconds=wait, clock=clock), fetch))
        return shelves[-1][0], fetch, clock

    yield make
    for _, fetch in shelves:
        fetch.gate.set()


def test_the_first_waits_and_the_others_take_what_is_there(shelve):
    shelf, fetch, _ = shelve(FIRST)
    assert [shelf.get("a") for _ in range(3)] == [FIRST] * 3
    assert fetch.calls == 1
    assert shelf.get("b") == FIRST
    assert fetch.calls == 2


def test_a_fresh_form_comes_behind_their_back(shelve):
    shelf, fetch, clock = shelve(FIRST)
    assert shelf.get("a") == FIRST
    fetch.done.acquire(timeout=10)
    fetch.gate.clear()
    fetch.answer, clock.now = SECOND, 61
    assert shelf.get("a") == FIRST
    assert shelf.get("a") == FIRST
    fetch.gate.set()
    assert fetch.done.acquire(timeout=10)
    found = FIRST
    while found is FIRST:
        found = shelf.get("a")
    assert found == SECOND
    assert fetch.calls == 2


def test_who_waits_for_a_form_holds_up_nobody_else(shelve):
    shelf, fetch, _ = shelve(FIRST)
    fetch.gate.clear()

    async def ask():
        first = asyncio.create_task(shelf.find("a"))
        await asyncio.sleep(0)
        assert not first.done()
        fetch.gate.set()  # by the loop that the first one does not hold
        return await first, await shelf.find("a")

    assert asyncio.run(ask()) == (FIRST, FIRST)
    fetch.answer = DemarcheClosedError("closed")
    with pytest.raises(DemarcheClosedError):
        asyncio.run(shelf.find("b"))


def test_nobody_waits_for_long(shelve):
    shelf, fetch, _ = shelve(FIRST, wait=0.01)
    fetch.gate.clear()
    assert shelf.get("a") is None
    assert shelf.get("a") is None
    fetch.gate.set()
    while shelf.get("a") is None:
        pass
    assert shelf.get("a") == FIRST
    assert fetch.calls == 1


def test_a_platform_that_fails_is_left_in_peace_and_the_old_form_stays(shelve):
    shelf, fetch, clock = shelve(NetworkError("away"))
    assert [shelf.get("a"), shelf.get("a")] == [None, None]
    assert fetch.calls == 1
    fetch.answer, clock.now = FIRST, 31
    assert shelf.get("a") == FIRST
    fetch.answer, clock.now = NetworkError("away"), 100
    assert shelf.get("a") == FIRST


def test_what_cannot_be_prefilled_is_told_to_all_until_it_can(shelve):
    shelf, fetch, clock = shelve(DemarcheClosedError("closed"))
    for _ in range(2):
        with pytest.raises(DemarcheClosedError):
            shelf.get("a")
    assert fetch.calls == 1
    fetch.answer, clock.now = FIRST, 61
    found = None
    while found is None:
        try:
            found = shelf.get("a")
        except DemarcheClosedError:
            continue
    assert found == FIRST


def test_a_store_serves_one_thread_and_is_used_again(tmp_path):
    opened = []

    def open_store():
        opened.append(Store.open(f"sqlite:///{tmp_path / 'store.db'}"))
        return opened[-1]

    pool = StorePool(open_store, wait_seconds=0.01)
    with pool.borrow() as one, pool.borrow() as two:
        assert one is not two
    with pool.borrow() as again:
        assert again in opened
    assert len(opened) == 2
    borrowed = [pool.borrow() for _ in range(STORES)]
    stores = [each.__enter__() for each in borrowed]
    with pytest.raises(StoreError, match="busy"), pool.borrow():
        pass
    for each in borrowed:
        each.__exit__(None, None, None)
    assert len(set(map(id, stores))) == STORES
    with pytest.raises(ValueError, match="broken"), pool.borrow() as broken:
        raise ValueError("broken")
    with pytest.raises(StoreError, match="closed"):
        broken.count(1)
    pool.close()
    assert all(store._closed for store in opened)


def test_an_opening_that_fails_takes_no_place(tmp_path):
    def fail():
        raise StoreError("no store")

    pool = StorePool(fail, wait_seconds=0.01)
    for _ in range(STORES + 1):
        with pytest.raises(StoreError, match="no store"), pool.borrow():
            pass


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DraftOutcomeUnknownError("?"), 504),
        (DemarcheClosedError("closed"), 409),
        (LinkTooLongError("long", length=3000), 422),
        (PrefillError("no"), 422),
        (RateLimitedError("slowly", wait_seconds=7.2), 503),
        (NetworkError("away"), 503),
        (StoreError("/srv/store.db is broken"), 503),
        (ProtocolError("nonsense"), 502),
        (ConfigurationError("a setting"), None),
    ],
)
def test_errors_of_the_library_as_problems(error, status):
    problem = translate_error(error)
    assert (problem.status_code if problem else None) == status
    if status in (502, 503):
        assert str(error) not in problem.detail
    if isinstance(error, RateLimitedError):
        assert problem.headers == {"Retry-After": "8"}


def test_every_error_of_the_library_has_its_answer():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.DsBridgeError)
    ]
    made = {kind: kind.__new__(kind) for kind in kinds}
    for kind, error in made.items():
        error.__dict__.update(wait_seconds=1.0, tries=1)
        problem = translate_error(error)
        assert problem is None or problem.status_code in KINDS, kind


def test_a_validation_error_names_places_and_not_values():
    error = RequestValidationError(
        [
            {"loc": ("body", "champs", "nom"), "type": "wrong_shape", "msg": "no value", "input": "secret"},
            {
                "loc": ("body", "identity", "email"),
                "type": "string_type",
                "msg": "no text",
                "input": "secret",
            },
            {"loc": ("body",), "type": "missing", "msg": "Field required", "input": None},
        ]
    )
    problem = translate_validation(error)
    assert [(each.champ, each.code) for each in problem.problems] == [
        ("nom", "wrong_shape"),
        ("identity.email", "string_type"),
        ("body", "missing"),
    ]
    assert "secret" not in str(problem.problems)


def test_a_client_that_does_not_wait_for_long():
    slept = []
    settings = ApiSettings(url="http://127.0.0.1:9", timeout_seconds=1)
    with ImpatientClient(settings, sleep=slept.append) as client:
        with pytest.raises(NetworkError):
            client.create_draft(1, {})
        for _ in range(13):
            with pytest.raises((NetworkError, RateLimitedError)):
                client.create_draft(1, {})
        with pytest.raises(RateLimitedError) as caught:
            client.create_draft(1, {})
    assert 0 < caught.value.wait_seconds <= 15
    assert all(seconds <= 3 for seconds in slept)
