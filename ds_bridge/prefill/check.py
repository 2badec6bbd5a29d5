"""Check: takes an identity and champs, gives what the platform will accept and what it would drop.

The platform drops values in silence. This module never raises for a bad value: it collects every problem, so
that a person can mend them all at once. It needs no network: the caller gives the form, when there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ds_bridge.form import Form
from ds_bridge.prefill.checked import Checked, Problem, Row, Sent, need_numbers
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.invisible import take_out
from ds_bridge.prefill.kinds import read_kind, write_unknown
from ds_bridge.prefill.references import Scope, Target, find_target, name_reference, scope_of
from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.prefill.values import SINGLE, ChampValue, is_empty, is_list

NO_FORM = "nothing was checked against the form: it was not given"
NO_CHAMP = "no champ takes it: name one in `fields`"
INDEXED_ROWS = (
    "a list inside rows that share no champ: in a link, the instance must read indexed rows "
    "(July 2026 and later)"
)

_ATTRIBUTES = tuple(Identity.model_fields)
IDENTITY_PARAMETERS = {"nom": "identite_nom", "prenom": "identite_prenom", "genre": "identite_genre"}
"""The parameters of the applicant's identity. They are sent whether or not a champ takes them."""


def check(
    identity: Identity | None,
    champs: Mapping[str, ChampValue],
    *,
    fields: Mapping[str, str] = {},
    form: Form | None = None,
    missing: Mapping[str, str] = {},
) -> Checked:
    """The values of an identity and of champs that can be sent, and a problem for each that cannot.

    `champs` gives values by champ reference: a typed id, a stable number, a name of `fields`, or a label when
    there is a `form`. `fields` also names the champ that each attribute of the identity feeds (`nom`,
    `email`…). When both give a value for a champ, `champs` wins. The rows of a block are a list of mappings,
    whose keys are references too (`fields` names them `block.name`). `missing` says why an attribute feeds no
    champ.

    >>> checked = check(Identity(nom="Noël"), {"12": 4.5, "13": ["x"], "14": float("nan"), "15": ""})
    >>> checked.identity, checked.champs, checked.omitted
    ({'identite_nom': 'Noël'}, {'champ_Q2hhbXAtMTI': '4.5', 'champ_Q2hhbXAtMTM': ['x']}, ('15',))
    >>> print(*checked.problems)
    14: the value is not a finite number
    """
    return _Check(fields, form, missing).run(identity, champs)


class _Check:
    def __init__(self, fields: Mapping[str, str], form: Form | None, missing: Mapping[str, str]) -> None:
        self.fields = fields
        self.missing = missing
        self.scope = None if form is None else scope_of(form)
        self.identity: dict[str, str] = {}
        self.champs: dict[str, Sent] = {}
        self.positions: dict[str, int] = {}
        self.omitted: list[str] = []
        self.warnings: list[str] = [] if form is not None else [NO_FORM]
        self.problems: list[Problem] = []

    def run(self, identity: Identity | None, champs: Mapping[str, ChampValue]) -> Checked:
        if identity is not None:
            self._take_identity(identity)
        seen: set[str] = set()
        for name, value in champs.items():
            if "." in name and name in self.fields:
                self.problems.append(
                    Problem(name, "in_block", "a champ of rows: give it in its block's rows")
                )
            else:
                self._take(name, name_reference(name, self.fields), value, seen)
        if self.scope is not None and len(self.champs) > 1:
            self.champs = {
                key: self.champs[key] for key in sorted(self.champs, key=self.positions.__getitem__)
            }
        return Checked(
            self.identity,
            self.champs,
            tuple(self.omitted),
            tuple(dict.fromkeys(self.warnings)),
            tuple(self.problems),
        )

    def _take_identity(self, identity: Identity) -> None:
        self.warnings.extend(identity.notes)
        seen: set[str] = set()
        for attribute in _ATTRIBUTES:
            value = getattr(identity, attribute)
            if value is None:
                if attribute in identity.model_fields_set:
                    self.omitted.append(attribute)
                continue
            parameter = IDENTITY_PARAMETERS.get(attribute)
            if parameter is not None:
                self.identity[parameter] = value
            reference = self.fields.get(attribute)
            if reference is not None:
                self._send(attribute, reference, value, seen)
            elif parameter is None:
                reason = self.missing.get(attribute, NO_CHAMP)
                self.problems.append(Problem(attribute, "unknown_champ", reason))

    def _take(self, name: str, reference: str, value: ChampValue, seen: set[str]) -> None:
        if is_empty(value):
            self.omitted.append(name)
        else:
            self._send(name, reference, value, seen)

    def _send(self, name: str, reference: str, value: ChampValue, seen: set[str]) -> None:
        try:
            target = _claim(find_target(reference, self.scope), seen)
            sent = self._read(name, target, value)
        except RefusedValueError as refusal:
            self.problems.append(Problem(name, refusal.code, str(refusal)))
            return
        if sent is not None:
            self.champs[target.key] = sent
            self.positions[target.key] = target.position

    def _read(self, name: str, target: Target, value: ChampValue) -> Sent | None:
        if target.scope is None and not _holds_rows(value):
            return self._read_value(name, target, value)
        if target.scope is None and target.field is not None:
            raise _no_block()
        return self._read_rows(name, _as_rows(value), target.scope)

    def _read_value(self, name: str, target: Target, value: ChampValue) -> str | list[str] | None:
        notes: list[str] = []
        if target.field is None or target.field.kind != "textarea":
            value = _make_visible(value, notes)
        sent = write_unknown(value, notes) if target.field is None else read_kind(target.field, value, notes)
        if notes:
            self.warnings.extend(f"{name}: {note}" for note in notes)
        return sent

    def _read_rows(
        self, name: str, given: Sequence[Mapping[str, ChampValue]], scope: Scope | None
    ) -> list[Row] | None:
        rows = [self._read_row(name, f"{name}[{position}]", row, scope) for position, row in enumerate(given)]
        if not rows:
            return None
        key = next((key for row in rows for key in row), None)
        if key is None:
            key = self._any_key(name, given, scope)
            if key is None:
                return None
        for row in rows:
            if not row:  # a row that sends nothing would be no row
                row[key] = ""
        if need_numbers(rows):
            self.warnings.append(f"{name}: {INDEXED_ROWS}")
        return rows

    def _read_row(self, block: str, place: str, given: Mapping[str, ChampValue], scope: Scope | None) -> Row:
        row: Row = {}
        positions: dict[str, int] = {}
        seen: set[str] = set()
        for name, value in given.items():
            full = f"{place}.{name}"
            try:
                if is_empty(value):
                    self.omitted.append(full)
                    continue
                target = _claim(find_target(name_reference(name, self.fields, block), scope), seen)
                if _holds_rows(value):
                    raise _no_block()
                sent = self._read_value(full, target, value)
            except RefusedValueError as refusal:
                self.problems.append(Problem(full, refusal.code, str(refusal)))
                continue
            if sent is not None:
                row[target.key] = sent
                positions[target.key] = target.position
        return {key: row[key] for key in sorted(row, key=positions.__getitem__)}

    def _any_key(
        self, block: str, given: Sequence[Mapping[str, ChampValue]], scope: Scope | None
    ) -> str | None:
        """A champ of the block that an empty row can send empty, so that the platform makes the row."""
        for name in (name for row in given for name in row):
            try:
                return find_target(name_reference(name, self.fields, block), scope).key
            except RefusedValueError:
                continue
        if scope is not None and scope.first is not None:
            return scope.first.key
        self.warnings.append(f"{block}: empty rows are not sent: they name no champ")
        return None


def _claim(target: Target, seen: set[str]) -> Target:
    if target.key in seen:
        raise RefusedValueError("given_twice", "this champ is given twice")
    seen.add(target.key)
    return target


def _make_visible(value: ChampValue, notes: list[str]) -> ChampValue:
    """Text without invisible characters, in a list too; anything else as it is."""
    if type(value) is str:
        text, note = take_out(value)
        notes.extend([note] if note and note not in notes else [])
        return text
    if isinstance(value, list | tuple):
        return [_make_visible(item, notes) for item in value]
    return value


def _no_block() -> RefusedValueError:
    return RefusedValueError("not_a_block", "rows are given, and this champ is no block")


def _holds_rows(value: object) -> bool:
    if isinstance(value, SINGLE):
        return False
    if is_list(value):
        return any(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def _as_rows(value: object) -> list[Mapping[str, ChampValue]]:
    rows = value if is_list(value) else [value]
    found = [row for row in rows if isinstance(row, Mapping)]
    if len(found) < len(rows):
        raise RefusedValueError("not_rows", "a block takes rows: a list of mappings, champ to value")
    return found
