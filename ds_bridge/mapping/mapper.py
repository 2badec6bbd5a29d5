"""The mapper: a plan and a dossier in, a `Mapped` out. Pure: no clock, no network, no store.

A value that cannot be read becomes null, with an anomaly that has its path; the rest is mapped. Each object
is validated once by its own pydantic model; objects already built are not validated again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from ds_bridge.api.champs import Champ, KnownChamp, UnknownChamp
from ds_bridge.api.records import Dossier
from ds_bridge.mapping.anomalies import (
    CHAMP_GONE,
    HIDDEN_FILES,
    INVALID,
    KIND_CHANGED,
    NO_VARIANT,
    NOT_A_BLOCK,
    ONLY_TEXT,
    SEVERAL_VALUES,
    UNKNOWN_OPTION,
    UNMAPPED_OPTION,
    Anomaly,
    Code,
)
from ds_bridge.mapping.extras import list_extras
from ds_bridge.mapping.fields import DomainModel, DossierHeader, note_anomalies
from ds_bridge.mapping.index import index_champs, rows_of
from ds_bridge.mapping.kinds import is_delivered
from ds_bridge.mapping.labels import normalise
from ds_bridge.mapping.mapped import Mapped
from ds_bridge.mapping.odd import describe_unknown, list_odd
from ds_bridge.mapping.plain import list_champs
from ds_bridge.mapping.plan import Block, Plan, Reader, Source
from ds_bridge.mapping.values import is_too_large, keep_text, read_value

_NOTHING: Mapping[str, Any] = {}


def map_dossier(plan: Plan | None, dossier: Dossier, demarche: int) -> Mapped:
    """Map one dossier of `demarche`. Without a plan: its champs as they are, in order (`champs only`)."""
    header = DossierHeader.of(dossier, demarche)
    if plan is None:
        champs, found = list_champs(dossier.champs)
        extras, more = list_extras(dossier)
        anomalies = (*list_odd(dossier), *found, *more)
        return Mapped(header=header, champs=champs, extras=extras, anomalies=anomalies)
    reading = _Reading(plan, header)
    value = reading.read(dossier)
    note_anomalies(value, len(reading.anomalies))
    return Mapped(
        header=header,
        value=value,
        anomalies=tuple(reading.anomalies),
        row_ids=reading.row_ids,
        block_paths=plan.block_paths,
    )


class _Reading:
    """One dossier being read: what went wrong so far, and the ids of the rows met."""

    def __init__(self, plan: Plan, header: DossierHeader) -> None:
        self.plan = plan
        self.header = header
        self.anomalies: list[Anomaly] = []
        self.row_ids: dict[str, tuple[str, ...]] = {}
        self.of_another_kind: set[str] = set()

    def read(self, dossier: Dossier) -> DomainModel:
        """The whole object, rules included."""
        self.anomalies += list_odd(dossier)
        index = index_champs(dossier.champs, "", self.plan.fed, self.anomalies)
        value = self._read_object(self.plan.reader, index, "")
        failed = {
            anomaly.path
            for anomaly in self.anomalies
            if anomaly.severity == "error" or anomaly.code == CHAMP_GONE.code
        }
        for rule in self.plan.model.rules:
            # A value that could not be read has its anomaly already: a rule need not add that it is missing.
            self.anomalies += [found for found in rule(value, self.plan.context) if found.path not in failed]
        return value

    def _read_object(
        self, reader: Reader, index: dict[int, Champ], path: str, given: Mapping[str, Any] = _NOTHING
    ) -> DomainModel:
        values: dict[str, Any] = dict(given)
        if reader.header is not None:
            values[reader.header] = self.header
        for source in reader.sources:
            if source.attribute not in given:
                values[source.attribute] = self._read_source(source, index, path)
        for attribute, group in reader.groups:
            values[attribute] = self._read_object(group, index, f"{path}{attribute}.")
        for block in reader.blocks:
            values[block.attribute] = self._read_block(block, index, path + block.attribute)
        return self._build_around(reader, values, path)

    def _read_source(self, source: Source, index: dict[int, Champ], path: str) -> Any:
        met = False
        for number in source.numbers:
            champ = index.get(number)
            if champ is None:
                continue
            met = True
            if type(champ) is UnknownChamp:
                self.anomalies.append(describe_unknown(champ, path + source.attribute))
                continue
            value = self._read_champ(champ, source, path)
            if value is None:
                continue
            if not (source.is_plain and isinstance(value, str)):
                value = self._check_value(value, source, path)
            if value is not None and value != ():
                return value
        if source.is_gone and not met:
            self._note(CHAMP_GONE, source, path, CHAMP_GONE.meaning)
        return () if source.many else None

    def _read_champ(self, champ: KnownChamp, source: Source, path: str) -> Any:
        """The champ's value. None when the field cannot take it; if there was a value, an anomaly says so."""
        value = read_value(champ)
        if value is None or value == ():
            value = keep_text(champ)
            if value is None:
                return None
            self._note(ONLY_TEXT, source, path, f"{champ.typename}: {ONLY_TEXT.meaning}")
        if source.instead == "files" and champ.typename == "TitreIdentiteChamp":
            if value:
                self._note(HIDDEN_FILES, source, path, HIDDEN_FILES.meaning)
            return None
        if source.instead == "tick" and champ.typename == "PieceJustificativeChamp":
            return True
        if source.kinds and not is_delivered(champ.typename, source.kinds):
            if not is_delivered(champ.typename, source.readable):
                self._note(KIND_CHANGED, source, path, f"{champ.typename}: {KIND_CHANGED.meaning}")
                return None
            self.of_another_kind.add(path + source.attribute)
        return value

    def _check_value(self, value: Any, source: Source, path: str) -> Any:
        """One value or several, as the source takes them. None, with an anomaly, when the source cannot."""
        if is_too_large(value):
            self._note(INVALID, source, path, "a number beyond 64 bits")
            return None
        if source.many:
            return self._check_options(value if isinstance(value, tuple) else (value,), source, path)
        if isinstance(value, tuple):
            if len(value) > 1:
                self._note(SEVERAL_VALUES, source, path, f"{len(value)} values where one is expected")
                return None
            value = value[0] if value else None
        kept = self._check_options((value,), source, path)
        return kept[0] if kept else None

    def _check_options(self, values: tuple[Any, ...], source: Source, path: str) -> tuple[Any, ...]:
        """The model's values for these options. Options that nobody knows are reported."""
        options, known = source.options, source.known
        if options is not None:
            keys = [self._option_key(value, options, source, path) for value in values]
            return tuple([options[key] for key in keys if key is not None])
        if known is not None:
            unknown = [value for value in values if value is not None and not _is_among(value, known)]
            if unknown:
                said = f"{len(unknown)} option(s) that no revision of the form offers"
                self._note(UNKNOWN_OPTION, source, path, said)
        return values

    def _option_key(self, value: Any, options: dict[str, Any], source: Source, path: str) -> str | None:
        if value in options:
            return str(value)
        key = normalise(value) if isinstance(value, str) else ""
        if key in options:
            return key
        if value is not None:
            self._note(UNMAPPED_OPTION, source, path, "an option the model does not know")
        return None

    def _note(self, code: Code, source: Source, path: str, message: str) -> None:
        self.anomalies.append(code.at(path + source.attribute, message))

    def _read_block(self, block: Block, index: dict[int, Champ], where: str) -> tuple[DomainModel, ...]:
        rows: list[DomainModel] = []
        ids: list[str] = []
        champ = next((index[number] for number in block.numbers if number in index), None)
        if champ is None and block.is_gone:
            self.anomalies.append(CHAMP_GONE.at(where, CHAMP_GONE.meaning))
        for row_id, champs in () if champ is None else self._rows(champ, where):
            path = f"{where}[{len(rows)}]."
            inner = index_champs(champs, path, self.plan.fed, self.anomalies)
            rows.append(self._read_row(block, inner, path))
            ids.append(row_id)
        self.row_ids[block.name] = tuple(ids)
        return tuple(rows)

    def _rows(self, champ: Champ, where: str) -> Iterable[tuple[str, tuple[Champ, ...]]]:
        rows = rows_of(champ)
        if rows is not None:
            return rows
        if isinstance(champ, UnknownChamp):
            self.anomalies.append(describe_unknown(champ, where))
        else:
            self.anomalies.append(NOT_A_BLOCK.at(where, f"{champ.typename}: {NOT_A_BLOCK.meaning}"))
        return ()

    def _read_row(self, block: Block, index: dict[int, Champ], path: str) -> DomainModel:
        if block.tag is None:
            return self._read_object(block.variants[0][1], index, path)
        attribute = block.tag.attribute
        before = len(self.anomalies)
        tag = self._read_source(block.tag, index, path)
        for value, reader in block.variants:
            if value == tag:
                return self._read_object(reader, index, path, {attribute: tag})
        if len(self.anomalies) == before:
            self.anomalies.append(NO_VARIANT.at(path + attribute, NO_VARIANT.meaning))
        # A row of an unknown sort takes the variant that holds most of it; its tag stays null.
        value, reader = max(block.variants, key=lambda variant: _count_held(variant[1], index))
        row = self._read_object(reader, index, path, {attribute: value})
        return row.model_copy(update={attribute: None})

    def _build_around(self, reader: Reader, values: dict[str, Any], path: str) -> DomainModel:
        """Build the object without its rows of a null tag, which no model takes; then put them back."""
        whole: dict[str, tuple[DomainModel, ...]] = {}
        for block in reader.blocks:
            rows = values[block.attribute]
            if block.tag is not None and any(_is_untold(row, block.tag) for row in rows):
                whole[block.attribute] = rows
                values[block.attribute] = tuple(row for row in rows if not _is_untold(row, block.tag))
        built = self._build(reader.model, values, path)
        return built.model_copy(update=whole) if whole else built

    def _build(self, model: type[DomainModel], values: dict[str, Any], path: str) -> DomainModel:
        """The validated object. A value that its model refuses becomes null (or empty), with an anomaly."""
        for _ in range(len(values) + 1):
            try:
                return model.model_validate(values)
            except ValidationError as error:
                problems = error.errors(include_url=False, include_context=False, include_input=False)
            located = {str(problem["loc"][0]): problem["type"] for problem in problems if problem["loc"]}
            refused = {name: kind for name, kind in located.items() if values.get(name) not in (None, ())}
            if not refused:
                break
            for attribute, kind in refused.items():
                self._reject(values, attribute, path, kind)
        self.anomalies.append(INVALID.at(path.rstrip("."), "the values do not fit together"))
        return model.model_construct(**values)

    def _reject(self, values: dict[str, Any], attribute: str, path: str, kind: str) -> None:
        code, reason = INVALID, f"the value is not valid ({kind})"
        if path + attribute in self.of_another_kind:
            code, reason = KIND_CHANGED, KIND_CHANGED.meaning
        self.anomalies.append(code.at(path + attribute, reason))
        values[attribute] = () if isinstance(values[attribute], tuple) else None


def _count_held(reader: Reader, index: dict[int, Champ]) -> int:
    return sum(number in index for source in reader.walk_sources() for number in source.numbers)


def _is_untold(row: DomainModel, tag: Source) -> bool:
    return getattr(row, tag.attribute) is None


def _is_among(value: Any, known: frozenset[str]) -> bool:
    return value in known or (isinstance(value, str) and normalise(value) in known)
