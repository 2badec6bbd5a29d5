"""Verdict: takes the summaries of a run, gives one exit code and one line for each démarche.

When démarches end differently, the code shows the worst end first: an error that only a person can mend comes
before an error that the next run may mend by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from ds_bridge.errors import AccessError, ConfigurationError, DsBridgeError, LockedError, RetriableError
from ds_bridge.log import tell_count
from ds_bridge.sync.ages import describe_age
from ds_bridge.sync.summary import Summary

EXIT_NOT_STRICT = 5
_MOST_MISFITS = 6

# Worst first. An interruption (130, 143) comes before all of these: it says that the run is not over.
_WORST_FIRST = (
    AccessError.exit_code,  # nothing is pulled until somebody gets another token
    DsBridgeError.exit_code,  # the disk, the database or ds-bridge itself: every démarche is at risk
    ConfigurationError.exit_code,  # this démarche is not pulled until somebody mends its settings
    RetriableError.exit_code,  # the platform failed: the next run may succeed
    LockedError.exit_code,  # another run is at work
    EXIT_NOT_STRICT,  # done
    0,
)


def exit_code(summary: Summary, *, strict: bool) -> int:
    """One démarche's exit code. With `strict`, a complete run gives 5 when dossiers are set aside or invalid,
    or when the form lacks what the model asks for."""
    misses = any(not misfit.optional for misfit in summary.misfits)
    if summary.exit_code == 0 and strict and (summary.set_aside or summary.invalid or misses):
        return EXIT_NOT_STRICT
    return summary.exit_code


def worst(codes: Iterable[int]) -> int:
    """The one code of several; 0 of none."""
    return min(codes, key=_rank, default=0)


def describe(summary: Summary) -> str:
    """One line for operators: how the run ended, what changed, what it cost, what to look at."""
    outcome = summary.outcome.upper() if summary.outcome == "failed" else summary.outcome
    line = f"{summary.name}: {outcome}, {_tell_changes(summary)}; {_tell_cost(summary)}"
    if summary.resumed:
        line += "; went on where an earlier run was stopped"
    if summary.compared and (found := summary.comparison):
        line += f"; compared with the platform: {tell_count(found.dossiers, 'dossier')}"
        line += f", {tell_count(found.differences, 'difference')}"
        line += f", {found.mended} mended" if found.differences else ""
    if summary.invalid:
        line += f"; {summary.invalid} invalid (see: ds-bridge anomalies {summary.name})"
    if summary.set_aside:
        line += f"; {summary.set_aside} set aside (see: ds-bridge status {summary.name})"
    if summary.lost_streams:
        streams = " and ".join(summary.lost_streams)
        line += f"; {streams} deletions not followed (see: ds-bridge status {summary.name})"
    if summary.misfits:
        line += f"; {_tell_misfits(summary)}"
    return f"{line}: {summary.error}" if summary.error else line


def _rank(code: int) -> tuple[int, int]:
    # A code above 128 is a signal. An unknown code counts as a fault of ours.
    if code > 128:
        return (-1, code)
    known = code if code in _WORST_FIRST else DsBridgeError.exit_code
    return (_WORST_FIRST.index(known), code)


def _tell_changes(summary: Summary) -> str:
    words = ("created", "updated", "restored", "deleted")
    changes = [f"{count} {word}" for word in words if (count := getattr(summary, word))]
    return ", ".join(changes) or "nothing new"


def _tell_misfits(summary: Summary) -> str:
    told = [f"{misfit.name} ({misfit.code.code})" for misfit in summary.misfits[:_MOST_MISFITS]]
    if len(summary.misfits) > _MOST_MISFITS:
        told.append(f"and {len(summary.misfits) - _MOST_MISFITS} more")
    fields = ", ".join(told)
    return f"the form does not feed {fields} as the model says (see: ds-bridge doctor {summary.name})"


def _tell_cost(summary: Summary) -> str:
    cost = f"{summary.seen} seen, {summary.requests} request{'s' if summary.requests != 1 else ''}"
    if summary.finished_at is None:
        return cost
    return f"{cost}, {describe_age(summary.finished_at - summary.started_at)}"
