"""Public desk: counts requests to the public addresses, applies scripted faults, and writes the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from ds_bridge.sandbox.broken import break_answer
from ds_bridge.sandbox.faults import Fault, Faults
from ds_bridge.sandbox.journal import Entry, Journal
from ds_bridge.sandbox.limits import DRAFTS_LIMIT, DRAFTS_WINDOW, WindowLimit
from ds_bridge.sandbox.node import write_datetime
from ds_bridge.sandbox.world import World


class PublicDesk:
    """Arguments left out get defaults: no faults, a journal of its own, the platform's limit on new
    drafts."""

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        journal: Journal | None = None,
        limit: WindowLimit | None = None,
    ) -> None:
        self._world = world
        self._faults = Faults() if faults is None else faults
        self._journal = Journal() if journal is None else journal
        self._limit = WindowLimit(DRAFTS_LIMIT, DRAFTS_WINDOW) if limit is None else limit

    def serve(
        self,
        operation: str,
        asked: Mapping[str, Any],
        answer: Callable[[], Response],
        *,
        sender: str | None = None,
    ) -> Response:
        """Call `answer`, unless `sender` (an address, given where requests are counted) asks too often.

        `asked` goes into the journal: no value of a champ, no token.
        """
        now = self._world.now().timestamp() + self._faults.skew_seconds
        refused = self._limit.refuse(sender, now)
        if refused is not None:
            return self._note(operation, asked, refused, None)
        fault = self._faults.strike_public(operation)
        response = Response(b"{}") if fault is not None and fault.early else answer()
        if fault is not None:
            response = break_answer(_as_http(fault), response.status_code, bytes(response.body), now)
        return self._note(operation, asked, response, fault)

    def _note(
        self, operation: str, asked: Mapping[str, Any], response: Response, fault: Fault | None
    ) -> Response:
        self._journal.add(
            Entry(
                operation=operation,
                variables=dict(asked),
                status=response.status_code,
                size=len(response.body),
                fault=fault.action if fault else None,
                dossiers=0,
                at=write_datetime(self._world.now()),
            )
        )
        return response


def _as_http(fault: Fault) -> Fault:
    """GraphQL's 500 is JSON; here it is an HTML page."""
    if fault.action != "server_error":
        return fault
    return fault.model_copy(update={"action": "status", "status": 500})
