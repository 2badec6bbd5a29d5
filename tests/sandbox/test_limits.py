"""The limit on requests, on the server's clock, per raw header, before anybody is known."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from ds_bridge.sandbox.limits import RateLimit
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from tests.sandbox.platform import post

# 20 seconds into a minute.
NOW = dt.datetime(2026, 3, 2, 12, 0, 20, tzinfo=dt.UTC)
ASKED = {"query": "{ __typename }"}


def test_the_429_of_the_platform() -> None:
    with SandboxServer(world=World(clock=lambda: NOW), requests_per_minute=2) as server:
        assert [post(server, ASKED).status_code for _ in range(3)] == [200, 200, 429]
        refused = post(server, ASKED)
        assert "content-type" not in refused.headers
        assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.headers["ratelimit-reset"] == str(int(NOW.timestamp()) + 40)
        assert "retry-after" not in refused.headers
        # Another header is another count; without one there is none; an unknown token counts too.
        assert post(server, ASKED, "expired").status_code == 401
        assert [post(server, ASKED, None).status_code for _ in range(4)] == [403] * 4
        assert [post(server, ASKED, "expired").status_code for _ in range(2)] == [401, 429]
        server.world.advance(dt.timedelta(seconds=40))
        assert post(server, ASKED).status_code == 200


def test_a_skewed_clock_shows_in_the_date_and_the_reset() -> None:
    with SandboxServer(world=World(clock=lambda: NOW), requests_per_minute=1) as server:
        server.faults.skew_seconds = 90
        answered = post(server, ASKED)
        assert parsedate_to_datetime(answered.headers["date"]) == NOW + dt.timedelta(seconds=90)
        assert post(server, ASKED).headers["ratelimit-reset"] == str(int(NOW.timestamp()) + 100)


def test_the_default_is_the_platforms() -> None:
    limit = RateLimit()
    assert limit.per_minute == 400
    assert [limit.refuse("a", 0.0) for _ in range(400)] == [None] * 400
    refused = limit.refuse("a", 59.9)
    assert refused is not None
    assert refused.headers["ratelimit-reset"] == "60"
    assert limit.refuse("a", 60.0) is None


def test_no_limit() -> None:
    limit = RateLimit(None)
    assert {limit.refuse("a", 0.0) for _ in range(1000)} == {None}
