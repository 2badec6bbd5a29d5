"""Links: takes a roster, gives a link or a draft for each person, and keeps the drafts in the store.

It is separate from the ledger, so that a link for one person does not load the spreadsheet readers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Form
from ds_bridge.people.batch import ADDED, Batch, Tally
from ds_bridge.people.ledger import Ledger
from ds_bridge.people.roster import Columns, Roster, RosterFormat, find_columns, write_roster
from ds_bridge.prefill.drafts import Choice, prepare
from ds_bridge.prefill.feeds import find_feeds
from ds_bridge.prefill.identity import Identity


def match_columns(settings: Settings, name: str, roster: Roster, form: Form | None = None) -> Columns:
    """What each column feeds. Champs are found in the same way as for one person's link.

    Raises ConfigurationError when no column feeds anything, and when no champ takes what a column gives.
    """
    feeds = find_feeds(name, settings.demarche(name), form)
    columns = find_columns(roster.headings, feeds.fields, form, ignored=ADDED)
    if not columns.identity and not columns.champs:
        known = ", ".join(Identity.model_fields)
        raise ConfigurationError(
            f"no column of the roster is known: name them {known}, or as demarches.{name}.champs does"
        )
    refused = [
        f"column {roster.headings[columns.identity[each]]!r} gives {each}, {feeds.missing[each]}"
        for each in columns.unsent
    ]
    if refused:
        raise ConfigurationError(f"{'; '.join(refused)}; or rename the column: it is then kept and not sent")
    return columns


def prefill_roster(
    settings: Settings,
    name: str,
    roster: Roster,
    out: BinaryIO,
    *,
    columns: Columns | None = None,
    form: Form | None = None,
    method: Choice = "auto",
    output_format: RosterFormat | None = None,
    sleep: Callable[[float], None] = time.sleep,
    check_stop: Callable[[], None] | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Batch:
    """Write the roster with a link or a draft in each row, and record the drafts. Gives the finished batch.

    See `Batch` for bad rows, a platform that fails, and stops. Raises ConfigurationError when no column is
    known, OSError when `out` cannot be written.
    """
    columns = columns or match_columns(settings, name, roster, form)
    with Ledger(settings, name, sleep=sleep) as ledger:
        batch = Batch(
            roster,
            columns,
            partial(prepare, settings, name, form=form, client=ledger.open_client, method=method),
            ledger=ledger,
            check_stop=check_stop,
            progress=progress,
            tally=Tally(name),
        )
        write_roster(roster, batch.run(), ADDED, out, output_format)
    return batch
