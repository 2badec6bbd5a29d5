"""Reading: reads the dossiers of a plan, by pages when that costs less than one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from ds_bridge.api.client import Client
from ds_bridge.api.pages import is_worth_less
from ds_bridge.api.situations import Situation
from ds_bridge.errors import DsBridgeError, NotFoundError, OutOfScopeError
from ds_bridge.store import Store

DOSSIERS_A_PAGE = 100


@dataclass(slots=True)
class Look:
    """Each dossier's situation, by number; and for dossiers that the platform cannot give, the reason."""

    situations: dict[int, Situation] = field(default_factory=dict)
    unreadable: dict[int, str] = field(default_factory=dict)


def read_situations(
    client: Client,
    store: Store,
    demarche: int,
    numbers: Collection[int],
    *,
    messages: bool,
    annotations: bool,
) -> Look:
    """Read each of these dossiers. A dossier that the platform does not have is in neither list."""
    look, wanted = Look(), set(numbers)
    since = _choose_start(store, demarche, wanted)
    if since is not None:
        try:
            for each in client.situations(demarche, since=since, messages=messages, annotations=annotations):
                if each.number in wanted:
                    look.situations[each.number] = each
                if look.situations.keys() >= wanted:
                    break
        except DsBridgeError as error:
            if not is_worth_less(error):
                raise
    for number in sorted(wanted - look.situations.keys()):
        try:
            look.situations[number] = client.situation(
                demarche, number, messages=messages, annotations=annotations
            )
        except (NotFoundError, OutOfScopeError):
            continue
        except DsBridgeError as error:
            if not is_worth_less(error):
                raise
            look.unreadable[number] = str(error)
    return look


def _choose_start(store: Store, demarche: int, wanted: set[int]) -> dt.datetime | None:
    """The date from which to walk: the oldest change of the wanted dossiers. None when one by one costs
    less."""
    dates = [date for number, date in store.modification_dates(demarche) if number in wanted]
    if not dates:
        return None
    pages = -(-store.count(demarche, since=min(dates)) // DOSSIERS_A_PAGE)
    return min(dates) if pages < len(dates) else None
