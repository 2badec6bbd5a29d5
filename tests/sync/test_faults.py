"""Every fault of a page, a limit or a cursor, one row each: what is scripted, what the run must then say.

Three tables cross the same faults: a few times (retries suffice), always above a page size (smaller pages
suffice), and from some page on for good (the run ends, keeps what it has, and the next one goes on).
"""

import datetime as dt
import threading
from dataclasses import dataclass, replace

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from tests.sync.conftest import PLAIN, Night, small_sandbox

# 120 dossiers in pages of 25: the form, five pages, one page of each stream of deletions.
CLEAN = 8
PAGES = 7
# The same with at most ten dossiers a page.
ABOVE = 28


@dataclass(frozen=True)
class Row:
    """A fault and what its error says. A hopeless one is not asked again as it was: less may pass."""

    name: str
    fault: Fault
    words: str
    is_hopeless: bool = False

    def at(self, **conditions) -> Fault:
        return self.fault.model_copy(update=conditions)


ROWS = [
    Row("timeout beside partial data", Fault(action="timeout"), "ran out of time", is_hopeless=True),
    Row("timeout without data", Fault(action="timeout", partial=False), "ran out of time", is_hopeless=True),
    Row("HTTP 502", Fault(action="status", status=502), "HTTP 502"),
    Row("HTTP 503", Fault(action="status", status=503), "HTTP 503"),
    Row("HTTP 504", Fault(action="status", status=504), "HTTP 504"),
    Row("internal_server_error", Fault(action="server_error"), "quote exception_id"),
    Row("never answers", Fault(action="never"), "no answer within 2 s"),
    Row("cut JSON", Fault(action="truncated"), "cut or invalid JSON"),
    Row("invalid JSON", Fault(action="invalid_json"), "cut or invalid JSON"),
    Row("invalid UTF-8", Fault(action="invalid_utf8"), "cut or invalid JSON"),
    Row("HTML with status 200", Fault(action="html"), "HTML"),
    Row("neither data nor errors", Fault(action="empty"), "neither data nor errors"),
    Row("dropped before the answer", Fault(action="drop"), "broke off"),
    Row("dropped inside the body", Fault(action="drop_inside"), "broke off"),
]
each_fault = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
# One of each way to fail by default. An answer that never comes is waited for.
AGAIN = {"timeout", "server_error", "truncated", "drop_inside"}
each_fault_again = pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=() if row.fault.action in AGAIN else pytest.mark.long) for row in ROWS],
    ids=lambda row: row.name,
)


@pytest.fixture(scope="module")
def server():
    with small_sandbox() as server:
        yield server


@pytest.fixture
def night(server, sqlite_store):
    """SQLite alone: what these rows show does not reach the database."""
    night = Night(server, sqlite_store)
    night.demarche = PLAIN
    yield night
    server.faults.clear()


@pytest.fixture
def own_night(sqlite_store):
    """A platform that the test may change."""
    with small_sandbox(60) as server:
        night = Night(server, sqlite_store)
        night.demarche = PLAIN
        yield night


def for_row(night, row):
    if row.fault.action == "never":
        night.timeout = 2.0
    return night


def said(summary):
    unsaid = ("name", "number", "started_at", "finished_at", "invalid", "comparison", "not_proven", "misfits")
    return {
        key: value for key, value in summary.to_json().items() if key not in unsaid and value not in (0, None)
    }


@each_fault
def test_a_few_times(night, row):
    night = for_row(night, row)
    night.server.faults.add(row.at(operation="DossiersPage", times=2))
    summary = night.run()
    # A time-out is not asked again as it was: 25 and 12 fail, 6 passes, and the size grows back slowly.
    requests, pages = (14, 11) if row.is_hopeless else (CLEAN + 2, PAGES)
    assert said(summary) == {
        "outcome": "complete", "requests": requests, "pages": pages, "seen": 120, "created": 120,
    }  # fmt: skip
    assert night.stored() == night.shown()
    if row.is_hopeless:
        assert night.waits == []
    else:
        first, second = night.waits
        assert 1 <= first <= 2 <= second <= 3


@each_fault_again
def test_always_above_a_page_size(night, row):
    night = for_row(night, row)
    night.attempts = 2
    night.server.faults.add(row.at(above=10, full=True))
    summary = night.run()
    assert (summary.outcome, summary.error, summary.seen, summary.created) == ("complete", None, 120, 120)
    assert night.stored() == night.shown()
    # Pages of 25 and 12 fail at first, then 12 now and then, more and more rarely: each such trial once.
    assert summary.requests == (ABOVE if row.is_hopeless else ABOVE + 1)
    assert len(night.waits) == (0 if row.is_hopeless else 1)


@each_fault_again
def test_for_good_from_the_third_page_on(night, row):
    night = for_row(night, row)
    night.attempts = 2

    def strike(page):
        if page == 2:
            night.server.faults.add(row.fault)

    summary = night.run(behind_page=strike)
    # 25 twice (once when a time-out is not worth a second try), 12, 6 and 3 once, one dossier three times,
    # and the light question for its number twice.
    failed = 9 if row.is_hopeless else 10
    assert said(summary) == {
        "outcome": "failed", "requests": 3 + failed, "pages": 2, "seen": 50, "created": 50,
        "error": summary.error,
    }  # fmt: skip
    assert summary.exit_code == 4
    assert row.words in summary.error
    assert "\n" not in summary.error
    assert night.store.count(CRA_NUMBER) == 50

    night.server.faults.clear()
    rest = night.run()
    assert said(rest) == {
        "outcome": "complete", "resumed": True, "requests": 6, "pages": 5, "seen": 70, "created": 70,
    }  # fmt: skip
    assert night.stored() == night.shown()


@pytest.mark.parametrize(
    "operation", ["DemarcheForm", "DossiersPage", "DeletedDossiersPage", "PendingDeletedDossiersPage"]
)
def test_every_kind_of_request_is_tried_again(night, operation):
    night.server.faults.add(Fault(action="status", status=503, operation=operation, times=3))
    summary = night.run()
    assert (summary.outcome, summary.requests, len(night.waits)) == ("complete", CLEAN + 3, 3)


def test_waits_grow_and_never_pass_a_minute(night):
    night.attempts = 10
    night.server.faults.add(Fault(action="status", status=503))
    summary = night.run()
    assert (summary.exit_code, summary.requests) == (4, 10)
    assert "tried 10 times" in summary.error
    for wait, least in zip(night.waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert least <= wait <= min(least + 1, 60)


FACTORY = [
    ("answers nothing whole", Fault(action="drop"), 20, 72, 0),
    ("fails at once", Fault(action="server_error"), 20, 72, 0),
    ("fails on every dossier", Fault(action="server_error", above=0, full=True), 28, 46, 3),
    ("has no time for any dossier", Fault(action="timeout", above=0, full=True), 23, 14, 3),
]


@pytest.mark.parametrize(
    ("name", "fault", "requests", "waited", "set_aside"), FACTORY, ids=[row[0] for row in FACTORY]
)
def test_a_platform_that_dies_ends_the_run_soon(night, name, fault, requests, waited, set_aside):
    """With the settings of the factory: the table of `docs/reliability.md`."""
    night.page_size = 100
    summary = night.run(behind_page=lambda page: page == 1 and night.server.faults.add(fault))
    assert (summary.outcome, summary.exit_code, summary.seen) == ("failed", 4, 100)
    # The thread that walks ahead may have begun with the next dossier, or two.
    assert requests <= summary.requests - 2 <= requests + 8
    assert summary.set_aside == set_aside
    assert sum(night.waits) == pytest.approx(waited, abs=12)  # each wait has up to a second of jitter
    assert night.store.count(CRA_NUMBER) == 100


def test_where_no_page_passes_a_run_takes_ten_dossiers_by_number_and_ends(night):
    night.attempts = 1
    night.server.faults.add(Fault(action="status", status=500, operation="DossiersPage"))
    summary = night.run()
    assert (summary.outcome, summary.exit_code) == ("failed", 4)
    assert "11 dossiers in a row cannot be read: the platform is failing" in summary.error
    assert night.store.count(CRA_NUMBER) == 10
    assert night.aside() == {}


def test_pages_and_dossiers_fail_and_only_a_few_are_set_aside(night):
    night.attempts = 1
    night.server.faults.add(Fault(action="server_error", operation="DossiersPage"))
    night.server.faults.add(Fault(action="server_error", operation="Dossier"))
    summary = night.run()
    assert (summary.outcome, summary.exit_code, summary.set_aside) == ("failed", 4, 3)
    night.server.faults.clear()
    night.server.world.advance(dt.timedelta(hours=2))
    rest = night.run()
    assert (rest.outcome, rest.set_aside) == ("complete", 0)
    assert night.stored() == night.shown()


# --- limits


@pytest.mark.parametrize("skew", [-120, 0, 120])
def test_a_429_is_obeyed_by_the_platforms_clock(night, skew):
    night.server.faults.skew_seconds = skew
    night.server.faults.add(Fault(action="limit", reset_seconds=37, nth=3))
    summary = night.run()
    assert (summary.outcome, summary.requests) == ("complete", CLEAN + 1)
    # Both hours have whole seconds, and one more makes sure that the window is over.
    (wait,) = night.waits
    assert wait in (37, 38, 39)
    assert night.stored() == night.shown()


def test_a_429_with_retry_after(night):
    night.server.faults.add(Fault(action="limit", retry_after=23, nth=2))
    assert night.run().outcome == "complete"
    assert night.waits == [23.0]


def test_429s_are_not_failures_and_have_an_end(night):
    night.attempts = 1
    night.server.faults.add(Fault(action="limit", retry_after=5, times=9))
    assert night.run().outcome == "complete"
    assert night.waits == [5.0] * 9

    night.server.faults.add(Fault(action="limit", retry_after=5))
    summary = night.run()
    assert (summary.outcome, summary.exit_code, summary.requests) == ("failed", 4, 10)
    assert "too many requests (HTTP 429)" in summary.error


def test_a_429_that_asks_for_an_hour_ends_the_run(night):
    night.server.faults.add(Fault(action="limit", retry_after=3600))
    summary = night.run()
    assert (summary.outcome, summary.exit_code, summary.requests, night.waits) == ("failed", 4, 1, [])
    assert "stay away for 3600 s: run again later" in summary.error


def test_the_platforms_own_limit_is_kept_over_a_real_run(night):
    night.server.limit.per_minute = 5
    night.server.limit.reset()
    try:
        summary = night.run(sleep=lambda seconds: (night.time.sleep(seconds), night.server.limit.reset()))
    finally:
        night.server.limit.per_minute = None
    assert (summary.outcome, summary.requests) == ("complete", CLEAN + 1)
    (wait,) = night.waits
    assert 1 <= wait <= 62


def test_two_threads_share_one_pace(night):
    """The 429 of one closes the gate for both: the other asks nothing before the time it named."""
    night.server.faults.add(Fault(action="limit", retry_after=40, operation="DossiersPage", times=1))
    asked: list[tuple[float, int]] = []

    def ask_from_another_thread(seconds: float) -> None:
        before = night.asked("Dossier")
        with night.client() as other:
            thread = threading.Thread(target=lambda: other.raw_dossier(min(night.shown())))
            thread.start()
            thread.join()
        asked.append((night.time.passed, night.asked("Dossier") - before))
        night.time.sleep(seconds)

    summary = night.run(sleep=ask_from_another_thread)
    assert summary.outcome == "complete"
    assert asked == [(pytest.approx(40.0), 1)]
    assert night.waits == [pytest.approx(40.0), 40.0]


# --- cursors


def interrupt(night, pages=2):
    """A run that a token's end stops behind so many pages."""

    def revoke(page):
        if page == pages:
            night.server.faults.add(Fault(action="limit", retry_after=3600))

    assert night.run(behind_page=revoke).outcome == "failed"
    night.server.faults.clear()
    return night.store.read_checkpoint(CRA_NUMBER, "dossiers")


def since_of(night):
    """Lower bounds of the pages that were asked for without a cursor, in the last run."""
    entries = night.server.journal.entries("DossiersPage")
    return [entry.variables["updatedSince"] for entry in entries if entry.variables["after"] is None]


@pytest.mark.parametrize("action", ["stale_cursor", "refused_cursor", "server_error", "invalid_json"])
def test_a_stored_cursor_that_leads_nowhere_falls_back_to_the_date(night, told, action):
    checkpoint = interrupt(night)
    night.attempts = 1
    night.server.journal.clear()
    # Every page of the size asked for first, then the light question, until the cursor is given up.
    times = {"stale_cursor": 1, "refused_cursor": 1}.get(action, 8)
    night.server.faults.add(Fault(action=action, after_cursor=True, times=times))
    summary = night.run()
    assert (summary.outcome, summary.error, summary.resumed) == ("complete", None, True)
    assert summary.created == 70
    (event,) = told("cursor refused, going on by date")
    assert event["detail"]
    assert since_of(night) == [(checkpoint.high_water - dt.timedelta(minutes=10)).isoformat()]
    assert night.stored() == night.shown()


@pytest.mark.parametrize("action", ["stale_cursor", "refused_cursor"])
def test_a_cursor_lost_in_the_middle_of_a_run_goes_on_by_date(night, told, action):
    """A release of the platform between two pages: an empty page must not pass for the end."""
    night.server.faults.add(Fault(action=action, after_cursor=True, operation="DossiersPage", nth=3))
    summary = night.run()
    assert (summary.outcome, summary.resumed, summary.created) == ("complete", False, 120)
    assert len(told("cursor refused, going on by date")) == 1
    assert night.stored() == night.shown()


def test_cursors_that_never_work_get_as_far_as_dates_can(own_night):
    """Each walk by date brings a page; the run ends with an error when one brings nothing new."""
    night = own_night
    night.server.faults.add(Fault(action="stale_cursor", after_cursor=True, operation="DossiersPage"))
    summary = night.run()
    assert (summary.outcome, summary.created) == ("complete", 60)

    night.server.world.add_dossiers(60)  # all at once: more than a page within the overlap
    night.server.world.advance(dt.timedelta(minutes=1))
    summary = night.run()
    assert (summary.outcome, summary.exit_code, summary.created) == ("failed", 4, 25)
    assert "its place is lost" in summary.error
    night.server.faults.clear()
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_a_cursor_of_another_query_is_not_used(night, told):
    checkpoint = interrupt(night)
    night.store.save_checkpoint(CRA_NUMBER, replace(checkpoint, query_hash="another"))
    night.server.journal.clear()
    summary = night.run()
    assert (summary.outcome, summary.resumed, summary.created) == ("complete", False, 70)
    assert len(told("the query changed since the last run, going on by date")) == 1
    assert since_of(night) == [(checkpoint.high_water - dt.timedelta(minutes=10)).isoformat()]
    assert night.stored() == night.shown()
    assert night.store.read_checkpoint(CRA_NUMBER, "dossiers").query_hash == checkpoint.query_hash


@pytest.mark.parametrize("operation", ["DeletedDossiersPage", "PendingDeletedDossiersPage"])
def test_a_lost_cursor_of_deletions_is_walked_again(own_night, operation):
    night, world = own_night, own_night.server.world
    night.page_size = 5
    for number in sorted(world.demarches[CRA_NUMBER].dossiers)[:12]:
        world.hide_by_administration(number)
        if operation == "DeletedDossiersPage":
            world.delete(number)
    night.server.faults.add(Fault(action="stale_cursor", after_cursor=True, operation=operation, nth=1))
    summary = night.run()
    assert (summary.outcome, summary.deleted) == ("complete", 12)


def test_a_census_cut_short_buries_nobody(night):
    night.run()
    night.server.faults.add(Fault(action="stale_cursor", after_cursor=True, operation="DossierNumbersPage"))
    summary = night.run(full=True)
    assert (summary.outcome, summary.exit_code, summary.deleted) == ("failed", 4, 0)
    night.server.faults.clear()
    night.server.faults.add(
        Fault(action="stale_cursor", after_cursor=True, operation="DossierNumbersPage", times=1)
    )
    summary = night.run(full=True)
    assert (summary.outcome, summary.deleted) == ("complete", 0)
    assert night.stored() == night.shown()
