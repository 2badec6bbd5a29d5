"""Token: the token's last day. The platform never tells it, so the configuration may."""

from __future__ import annotations

import datetime as dt

from ds_bridge.config import ApiSettings

WARNING_DAYS = 30
FIRST_CALL = (
    "a new token is bound for good to the address of its first call: make that call on the machine that runs"
    " every night, not on another"
)


def describe_end(api: ApiSettings, today: dt.date) -> str | None:
    """The warning for a token that ended or will end soon; None when there is time, or no last day is set."""
    end = api.token_expires
    if end is None or (left := (end - today).days) > WARNING_DAYS:
        return None
    if left < 0:
        when = f"ended on {end}, by api.token_expires"
    else:
        when = f"ends on {end}, in {left} {'day' if left == 1 else 'days'}"
    return f"the API token {when}: its owner makes another one on the platform, first used on this machine"
