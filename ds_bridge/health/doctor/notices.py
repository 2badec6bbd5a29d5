"""Notices: checks that notices arrive. Sends one trial to each address of `[notify]`.

The trial is a ping that a monitor only writes down: it does not change the state of its check.
"""

from __future__ import annotations

from collections.abc import Iterator

from ds_bridge.config import NotifySettings
from ds_bridge.health.doctor.findings import Finding
from ds_bridge.health.notify import Ending, send

CHECK = "notify"
TRIAL = "ds-bridge doctor: a trial, nothing happened"


def check_notices(settings: NotifySettings) -> Iterator[Finding]:
    """A finding for each address. An address that fails is a warning: `sync` runs all the same."""
    if settings.ping_url:
        yield _tell("ping_url", send(settings.ping_url, "/log", TRIAL))
    if settings.webhook_url:
        yield _tell("webhook_url", send(settings.webhook_url, "", Ending("doctor", 0, [TRIAL]).to_json()))


def _tell(setting: str, problem: str | None) -> Finding:
    if problem is None:
        return Finding(CHECK, "ok", f"notify.{setting} accepts notices")
    remedy = f"copy notify.{setting} again from the monitor's page, or open the way to it"
    return Finding(CHECK, "warning", f"notify.{setting}: {problem}", remedy)
