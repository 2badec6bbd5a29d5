"""`ds_bridge.report(...)`: a report from Python, opening the store that the configuration names."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ds_bridge.config import Settings, load_settings
from ds_bridge.health.status import open_to_read
from ds_bridge.people.roster import Roster, read_roster
from ds_bridge.report.make import Audience, Request, make_report
from ds_bridge.report.result import Report


def report(
    name: str,
    *,
    for_: Audience = "programme",
    id: int | None = None,  # noqa: A002 - the command's own word
    year: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    roster: Roster | Path | str | None = None,
    public: bool = False,
    config: Path | str | Settings | None = None,
) -> Report:
    """Make a report of what the store holds: `.figures`, `.to_json()`, `.to_html()`, `.to_pdf()`.

    for_: the whole programme, a structure or a person; `id` is the number of the structure or person in the
    pilotage. year, or since and until (days, both included): by default the year of the newest deposit, of
    the structure's or person's own. roster: the funded posts, to know who has not filed. public: without
    numbers about fewer than five people.
    Raises ConfigurationError, StoreError.
    """
    settings = config if isinstance(config, Settings) else load_settings(Path(config) if config else None)
    request = Request(audience=for_, identifiant=id, year=year, since=since, until=until, public=public)
    people = roster if isinstance(roster, Roster) or roster is None else read_roster(Path(roster))
    with open_to_read(settings) as store:
        return make_report(store, settings, name, request, roster=people)
