"""The morning line and the night's one exit code."""

import datetime as dt
import itertools

import pytest

from ds_bridge.errors import InterruptedRunError, PlatformUnavailableError
from ds_bridge.mapping.anomalies import CHAMP_GONE
from ds_bridge.mapping.plan import Misfit
from ds_bridge.store import PageCounts
from ds_bridge.sync import Summary
from ds_bridge.sync.verdict import describe, exit_code, worst

NOON = dt.datetime(2024, 5, 30, 12, 0, tzinfo=dt.UTC)
WORST_FIRST = (143, 3, 1, 2, 4, 6, 5, 0)


def finish(summary, error=None):
    summary.finish(error, NOON + dt.timedelta(seconds=75))
    return summary


def make():
    return Summary(name="cra", number=82349, requests=12, started_at=NOON)


@pytest.mark.parametrize(("worse", "better"), list(itertools.combinations(WORST_FIRST, 2)))
def test_the_worst_code_wins_wherever_it_stands(worse, better):
    assert worst([worse, better]) == worst([better, worse, better]) == worse


def test_no_code_is_zero_and_an_unknown_one_is_as_bad_as_a_fault():
    assert worst([]) == 0
    assert worst([2, 77]) == 77
    assert worst([3, 77]) == 3


def test_strict_speaks_of_complete_runs_only():
    quiet, failed = finish(make()), finish(make(), PlatformUnavailableError("down"))
    failed.set_aside = 1
    assert (exit_code(quiet, strict=True), exit_code(failed, strict=True)) == (0, 4)
    for waiting in ("set_aside", "invalid"):
        summary = finish(make())
        setattr(summary, waiting, 1)
        assert (exit_code(summary, strict=True), exit_code(summary, strict=False)) == (5, 0)


def test_the_line_of_a_quiet_night():
    assert describe(finish(make())) == "cra: complete, nothing new; 0 seen, 12 requests, 1 min"


def test_the_line_of_a_busy_one():
    summary = make()
    summary.add_page(PageCounts(created=3, updated=2, unchanged=5, restored=1, invalid=4), delivered=11)
    summary.deleted, summary.set_aside, summary.resumed, summary.requests = 6, 7, True, 1
    assert describe(finish(summary)) == (
        "cra: complete, 3 created, 2 updated, 1 restored, 6 deleted; 11 seen, 1 request, 1 min;"
        " went on where an earlier run was stopped; 4 invalid (see: ds-bridge anomalies cra);"
        " 7 set aside (see: ds-bridge status cra)"
    )


def test_the_line_of_a_night_that_failed():
    line = describe(finish(make(), PlatformUnavailableError("the platform is down")))
    assert line == "cra: FAILED, nothing new; 0 seen, 12 requests, 1 min: the platform is down"
    line = describe(finish(make(), InterruptedRunError("stopped by SIGTERM", signal_number=15)))
    assert line == "cra: interrupted, nothing new; 0 seen, 12 requests, 1 min: stopped by SIGTERM"


def test_the_line_names_what_the_form_does_not_feed_once():
    summary = make()
    summary.misfits = tuple(Misfit(f"c{place}", CHAMP_GONE, "") for place in range(8))
    assert describe(finish(summary)).endswith(
        "1 min; the form does not feed c0 (champ_gone), c1 (champ_gone), c2 (champ_gone), c3 (champ_gone),"
        " c4 (champ_gone), c5 (champ_gone), and 2 more as the model says (see: ds-bridge doctor cra)"
    )
    optional = finish(make())
    optional.misfits = (Misfit("c", CHAMP_GONE, "", optional=True),)
    assert (exit_code(optional, strict=True), exit_code(summary, strict=True)) == (0, 5)
