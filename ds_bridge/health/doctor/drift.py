"""Drift: compares a démarche's model with every published revision of its form.

Takes the configuration of the démarche, the form as the API gives it, and the last check. Gives what happened
to each field, and the new champs that feed no field. A change that mapping follows by itself is `ok`. It is a
warning when a value is lost or changed, when something is new since the last check, or when the active form
has no champ for a field (its dossiers come without it). A model that fits nothing of the form is a failure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError, MappingError
from ds_bridge.form import has_changed
from ds_bridge.health.doctor.changes import Change, Followed, follow
from ds_bridge.health.doctor.findings import Finding, fail
from ds_bridge.health.doctor.newcomers import tell_newcomers
from ds_bridge.health.doctor.revisions import Revision, list_revisions
from ds_bridge.mapping import Plan, make_plan
from ds_bridge.mapping.kinds import BLOCK, accepted_kinds, bare_type, item_type
from ds_bridge.mapping.labels import normalise
from ds_bridge.mapping.plan import Reader, Source
from ds_bridge.store import FormCheck

CHECK = "form"
REMEDY_MODEL = "name them in [demarches.NAME.champs] or renew the model, then ds-bridge remap"
REMEDY_REMAP = "look at those dossiers; declare the older champ in the model, then ds-bridge remap"


@dataclass(frozen=True)
class _Subject:
    """What is checked: the démarche's name, its revisions, and the last step of the check before."""

    name: str
    revisions: Sequence[Revision]
    seen: int | None
    check: FormCheck | None

    def is_new(self, change: Change) -> bool:
        return self.seen is not None and change.step > self.seen


def check_form(
    name: str, demarche: DemarcheSettings, document: dict[str, Any], check: FormCheck | None
) -> Iterator[Finding]:
    """Compare every field of the model, or every configured champ, with every published revision."""
    try:
        revisions = list_revisions(document)
    except ConfigurationError as error:
        yield fail(CHECK, error, subject=name)
        return
    subject = _Subject(name, revisions, _find_seen(revisions, check), check)
    yield from _tell_state(subject, demarche)
    active = len(revisions) - 1
    try:
        plan = _plan(demarche, revisions, active, lenient=True)
    except ConfigurationError as error:
        yield fail(CHECK, error, subject=name)
        yield from _explain_unresolved(subject, demarche)
        return
    if plan is not None:
        if plan.misfits:
            yield from _tell_misfits(subject, demarche, plan)
        yield from _follow_fields(subject, plan)
        yield from _check_options(subject, plan)
    yield from tell_newcomers(name, revisions, subject.seen, frozenset() if plan is None else plan.fed, CHECK)


def _tell_misfits(subject: _Subject, demarche: DemarcheSettings, plan: Plan) -> Iterator[Finding]:
    """Tell each field that the active form does not feed, with candidates when a strict resolution has
    some."""
    try:
        _plan(demarche, subject.revisions, len(subject.revisions) - 1)
    except ConfigurationError as error:
        yield Finding(CHECK, "warning", str(error), REMEDY_MODEL, subject.name)
    for misfit in plan.misfits:
        yield Finding(
            CHECK,
            "warning",
            f"{misfit.code.code}: {misfit.reason}",
            "" if misfit.optional else "null in dossiers until then; with --strict, exit code 5",
            subject.name,
            misfit.name,
            details={"change": misfit.code.code, "optional": misfit.optional},
        )


def _plan(
    demarche: DemarcheSettings, revisions: Sequence[Revision], active: int, *, lenient: bool = False
) -> Plan | None:
    others = [revision.form for place, revision in enumerate(revisions) if place != active]
    return make_plan(demarche.model, demarche.champs, revisions[active].form, others, lenient=lenient)


def _find_seen(revisions: Sequence[Revision], check: FormCheck | None) -> int | None:
    """The step of the revision that was active at the last check; None without a check, or when it is
    gone."""
    if check is None:
        return None
    places = [place for place, each in enumerate(revisions) if each.form.revision == check.revision]
    return places[-1] if places else None


def _tell_state(subject: _Subject, demarche: DemarcheSettings) -> Iterator[Finding]:
    active, check = subject.revisions[-1], subject.check
    count = len(subject.revisions)
    found = f"{active.name} is the active one, of {count} published" if count > 1 else f"{active.name} alone"
    details = {"revision": active.form.revision, "revisions": count}
    if check is None:
        yield Finding(CHECK, "ok", f"{found}; never checked before", subject=subject.name, details=details)
    elif (check.revision, check.fingerprint) == (active.form.revision, active.form.fingerprint):
        yield Finding(
            CHECK, "ok", f"{found}, as at the check of {check.checked_at:%Y-%m-%d}", subject=subject.name,
            details=details,
        )  # fmt: skip
    elif not has_changed(
        check.revision, check.fingerprint, active.form, [each.form for each in subject.revisions]
    ):
        yield Finding(
            CHECK,
            "ok",
            f"{found}; only titles or texts have changed since the check of {check.checked_at:%Y-%m-%d}",
            subject=subject.name,
            details=details,
        )
    else:
        yield Finding(
            CHECK,
            "warning",
            f"{found}; the form has changed since the check of {check.checked_at:%Y-%m-%d}",
            "read what follows: it will not be called new again",
            subject.name,
            details=details,
        )
    if demarche.model is None and not demarche.champs:
        yield Finding(
            CHECK, "ok", "no model and no named champ: nothing to compare with the revisions",
            subject=subject.name,
        )  # fmt: skip


def _follow_fields(subject: _Subject, plan: Plan) -> Iterator[Finding]:
    steady = 0
    kinds = _list_kinds(plan)
    for name, numbers in plan.numbers.items():
        if not numbers and name in {misfit.name for misfit in plan.misfits}:
            continue  # told already
        if not numbers:
            yield Finding(
                CHECK, "ok", "no revision has such a champ (it may be left out)", "", subject.name, name
            )
            continue
        changes = list(follow(Followed(numbers, plan.fed, kinds.get(name, BLOCK)), subject.revisions))
        steady += not changes
        for change in changes:
            yield _tell(subject, name, change)
    if steady:
        yield Finding(
            CHECK,
            "ok",
            f"{steady} of {len(plan.numbers)} fields: the same champ on every revision",
            subject=subject.name,
        )


def _tell(subject: _Subject, name: str, change: Change) -> Finding:
    new = subject.is_new(change)
    revision = subject.revisions[change.step]
    text = f"{change.text} ({revision.name}{', new since the last check' if new else ''})"
    remedy = ""
    if change.weighty and change.sort in ("lost", "kind", "replaced"):
        remedy = REMEDY_REMAP
    elif change.sort == "gone":
        remedy = (
            "dossiers filed since have none; name its successor in the model or in [demarches.NAME.champs]"
        )
    elif change.sort == "required" and new:
        remedy = "a prefilled link may carry it"
    return Finding(
        CHECK,
        "warning" if new or change.weighty else "ok",
        text,
        remedy,
        subject.name,
        name,
        details={
            "change": change.sort,
            "revision": revision.form.revision,
            "published_at": revision.published_at.isoformat() if revision.published_at else None,
            "new": new,
            **change.details,
        },
    )


def _explain_unresolved(subject: _Subject, demarche: DemarcheSettings) -> Iterator[Finding]:
    """Tell what became of the fields without a champ, from the last revision on which all had one."""
    for place in range(len(subject.revisions) - 2, -1, -1):
        try:
            plan = _plan(demarche, subject.revisions, place)
        except MappingError:
            continue
        if plan is None:
            return
        later = subject.revisions[place:]
        for name, numbers in plan.numbers.items():
            for change in follow(Followed(numbers, plan.fed), later):
                if change.sort in ("gone", "kind", "moved"):
                    yield _tell(subject, name, _shift(change, place))
        return


def _shift(change: Change, by: int) -> Change:
    return Change(change.sort, change.text, change.step + by, change.weighty, change.details)


def _check_options(subject: _Subject, plan: Plan) -> Iterator[Finding]:
    """Tell the options of the active form that the model does not know: it would refuse such a value."""
    active = subject.revisions[-1]
    for reader in _walk_readers(plan.reader):
        for source in reader.sources:
            known = _known_options(reader, source)
            placed = active.find(source.numbers)
            if known is None or placed is None or placed.field.other_option:
                continue
            options = placed.field.options or ()
            strange = [option for option in options if option not in known and normalise(option) not in known]
            if strange:
                yield Finding(
                    CHECK,
                    "warning",
                    f"the model does not know {len(strange)} option(s) of the form: "
                    + ", ".join(f'"{option}"' for option in strange[:6]),
                    "add them to the model: whoever chooses one gives an invalid dossier until then",
                    subject.name,
                    source.name,
                    details={"change": "unknown_options", "options": strange},
                )


def _list_kinds(plan: Plan) -> dict[str, frozenset[str]]:
    """By configuration name, the kinds of which the field's type takes every value."""
    return {
        source.name: accepted_kinds(reader.model.model_fields[source.attribute].annotation)[0]
        for reader in _walk_readers(plan.reader)
        for source in reader.sources
    }


def _walk_readers(reader: Reader) -> Iterator[Reader]:
    yield reader
    for _, group in reader.groups:
        yield from _walk_readers(group)
    for block in reader.blocks:
        for _, variant in block.variants:
            yield from _walk_readers(variant)


def _known_options(reader: Reader, source: Source) -> set[str] | None:
    """The options that the model knows; None when it takes any text."""
    if source.options is not None:
        return set(source.options)
    bare = bare_type(reader.model.model_fields[source.attribute].annotation)
    item = item_type(bare)
    held = bare if item is None else bare_type(item)
    if get_origin(held) is Literal:
        return {value for value in get_args(held) if isinstance(value, str)}
    if isinstance(held, type) and issubclass(held, enum.Enum):
        return {value.value for value in held if isinstance(value.value, str)}
    return None
