"""Matching: a scope's wanted fields against its champs. Gives what is found and complaints for the rest.

Configured champs are matched first; then declared numbers; then fields whose label is enough; then fields
known by a neighbour, once the neighbour is known. When two fields would take a champ, neither gets it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.mapping.complaints import Complaint
from ds_bridge.mapping.labels import normalise
from ds_bridge.mapping.places import Scope, Wanted, fitting, near


@dataclass
class Match:
    """`found`: champs by name relative to the scope. A field that is absent on purpose is in neither."""

    found: dict[str, Field] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)


def match_active(
    wanted: Sequence[Wanted],
    scope: Scope,
    configured: Mapping[str, ChampId | str],
    active: Form,
    others: Sequence[Form],
) -> Match:
    """Find every wanted field on the active form, or say which champs could be meant."""
    match = Match()
    pending: list[Wanted] = []
    for want in wanted:
        chosen: Field | Complaint | None
        if want.name in configured:
            chosen = _find_configured(want, configured[want.name], scope, active, others)
        else:
            chosen = _find_declared(want, scope)
        if isinstance(chosen, Complaint):
            match.complaints.append(chosen)
        elif chosen is not None:
            match.found[want.name] = chosen
        else:
            pending.append(want)
    taken = {chosen.number for chosen in match.found.values()}
    free = [champ for champ in scope.holders if champ.number not in taken]
    fits = _fit(wanted, pending, scope, match.found, free)
    for want in pending:
        complaint = _judge(want, fits[want.name], scope, match.found)
        if complaint is not None:
            match.complaints.append(complaint)
    return match


def match_older(
    wanted: Sequence[Wanted], scope: Scope, known: Mapping[str, Sequence[int]], on_active: frozenset[int]
) -> dict[str, Field]:
    """Find on an older revision what can be found without doubt: same stable number, else label and place.

    A champ that is still on the active form, where it feeds something else or nothing, is never taken.
    """
    found = {
        want.name: champ
        for want in wanted
        for champ in scope.holders
        if champ.number in known.get(want.name, ()) or champ.number in want.source.numbers
    }
    taken = on_active | {champ.number for champ in found.values()}
    free = [champ for champ in scope.holders if champ.number not in taken]
    _fit(wanted, [want for want in wanted if want.name not in found], scope, found, free)
    return found


def _fit(
    wanted: Sequence[Wanted],
    pending: Sequence[Wanted],
    scope: Scope,
    found: dict[str, Field],
    free: Sequence[Field],
) -> dict[str, tuple[Field, ...]]:
    """Add to `found` each pending field that exactly one champ fits; give the champs that fit each field."""
    bearers = Counter(label for want in wanted for label in want.labels)
    fits: dict[str, tuple[Field, ...]] = {}
    for want in _in_order(pending):
        shared = any(bearers[label] > 1 for label in want.labels)
        fits[want.name] = fitting(want, scope, found, shared=shared, free=free)
        if len(fits[want.name]) == 1:
            found[want.name] = fits[want.name][0]
    uses = Counter(found[want.name].number for want in pending if want.name in found)
    for want in pending:
        if want.name in found and uses[found[want.name].number] > 1:
            del found[want.name]
    return fits


def _in_order(pending: Sequence[Wanted]) -> list[Wanted]:
    """Fields after the neighbours that they name. A circle of neighbours comes last, in its own order."""
    waiting = list(pending)
    ordered: list[Wanted] = []
    while waiting:
        names = {want.name for want in waiting}
        ready = [want for want in waiting if not {want.source.follows, want.source.precedes} & names]
        ordered += ready or waiting
        waiting = [want for want in waiting if want not in ordered]
    return ordered


def _judge(want: Wanted, fits: Sequence[Field], scope: Scope, found: Mapping[str, Field]) -> Complaint | None:
    if want.name in found:
        return None
    taken = {champ.number for champ in found.values() if champ.number is not None}
    bearing = [champ for champ in scope.labelled(want) if champ.number not in taken]
    label = next(iter(want.source.labels), "")
    if fits:
        reason = f'"{label}" could be any of' if len(fits) > 1 else f'"{label}" would feed another field too'
        return Complaint(want.name, reason, tuple(fits), scope.block)
    readable = tuple(champ for champ in bearing if want.takes(champ))
    if readable:
        return Complaint(
            want.name, f'"{label}" stands elsewhere than {_describe_place(want)}', readable, scope.block
        )
    if want.source.optional:
        return None
    if bearing:
        reason = f'"{label}" is not {_describe_kinds(want)}'
        return Complaint(want.name, reason, tuple(bearing), scope.block, wrong_kind=len(bearing) == 1)
    candidates = near(want, scope, taken)
    if not want.source.labels:
        return Complaint(want.name, f"champ {want.source.numbers[0]} is not on the form", (), scope.block)
    like = "; nearest:" if candidates else ""
    return Complaint(want.name, f'no champ labelled "{label}"{like}', candidates, scope.block)


def _find_configured(
    want: Wanted, reference: ChampId | str, scope: Scope, active: Form, others: Sequence[Form]
) -> Field | Complaint:
    if isinstance(reference, str):
        chosen = _find_label(want, reference, scope, others)
    else:
        chosen = _find_number(want, reference, scope, active, others)
    if isinstance(chosen, Field) and not want.takes(chosen):
        reason = f"the configured champ is not {_describe_kinds(want)}"
        before = (form.find(chosen.number) for form in others if chosen.number is not None)
        fitted = any(older is not None and want.takes(older) for older in before)
        return Complaint(want.name, reason, (chosen,), scope.block, wrong_kind=True, setting=not fitted)
    return chosen


def _find_declared(want: Wanted, scope: Scope) -> Field | Complaint | None:
    """The champ whose stable number the model declares; None when the form has none of them there."""
    by_number = {champ.number: champ for champ in scope.holders}
    chosen = next((by_number[number] for number in want.source.numbers if number in by_number), None)
    if chosen is not None and not want.takes(chosen):
        reason = f"the declared champ is not {_describe_kinds(want)}"
        return Complaint(want.name, reason, (chosen,), scope.block, wrong_kind=True)
    return chosen


def _find_label(want: Wanted, label: str, scope: Scope, others: Sequence[Form]) -> Field | Complaint:
    exact = tuple(champ for champ in scope.holders if champ.label.strip() == label.strip())
    found = exact or tuple(
        champ
        for champ in scope.holders
        if normalise(champ.label, numbering=True) == normalise(label, numbering=True)
    )
    if len(found) == 1:
        return found[0]
    before = [sum(normalise(champ.label) == normalise(label) for champ, _ in form.walk()) for form in others]
    if found:
        reason = f"the configured label {label!r} stands more than once"
        return Complaint(want.name, reason, found, scope.block, setting=1 not in before)
    asked = replace(want, source=replace(want.source, labels=(label,)))
    reason = f"no champ has the configured label {label!r}; nearest:"
    return Complaint(want.name, reason, near(asked, scope, ()), scope.block, setting=not any(before))


def _find_number(
    want: Wanted, reference: ChampId, scope: Scope, active: Form, others: Sequence[Form]
) -> Field | Complaint:
    chosen = next((champ for champ in scope.fields if champ.number == reference.stable), None)
    if chosen is not None:
        return chosen
    shown = f"the configured champ {reference.stable} ({ChampId(reference.stable).encode_for_link()})"
    for champ, block in active.walk():
        if champ.number == reference.stable:
            here = f'block "{scope.block.label}"' if scope.block else "top level"
            return Complaint(want.name, f"{shown} does not stand in the {here}", (champ,), block)
    if any(form.find(reference.stable) for form in others):
        return Complaint(
            want.name, f"{shown} is only on an older revision of the form", near(want, scope, ())
        )
    reason = f"{shown} is not on the form; nearest:"
    return Complaint(want.name, reason, near(want, scope, ()), scope.block, setting=True)


def _describe_kinds(want: Wanted) -> str:
    return "of a kind it takes (" + ", ".join(sorted(want.kinds)) + ")"


def _describe_place(want: Wanted) -> str:
    source = want.source
    places = [f'in section "{source.section[0]}"'] if source.section else []
    places += [f"directly after {source.follows}"] if source.follows else []
    places += [f"directly before {source.precedes}"] if source.precedes else []
    places += [f"number {source.nth}"] if source.nth is not None else []
    return " and ".join(places) or "where it should"
