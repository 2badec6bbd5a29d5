"""Forms: reads `forms/*.json` into typed descriptors, and tells which champs apply to given values.

A form file holds a démarche and its revisions, oldest first; the last one is the active one. A champ has `id`
(stable number), `kind` (`text`, `drop_down_list`, `repetition`…), `label`, and when they apply `description`,
`required`, `options`, `other_option`, `level`, `nature`, `least`, `most`, `champs` (of a block) and
`visible_if`:

    {"champ": 12, "equals": "Autre"}      {"champ": 13, "includes": "Autre"}      (a list holds it)
    {"any": [condition, …]}               {"all": [condition, …]}

A revision also has `annotations`, which instructeurs fill. A form file also has `groupes`, `labels` (see
`staff`) and `attestation`.

A condition names a champ of the same row, else of the top level. The pages read the same conditions in the
browser.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from ds_bridge.sandbox.staff import Staff, read_staff

Condition: TypeAlias = Mapping[str, Any]

# Kinds that show something and hold no value.
TITLE_KINDS = frozenset({"header_section", "explication"})


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One champ of a form. `options` is None for kinds without options; `champs` are those of a block's rows.

    `nature` is that of a piece justificative: `TITRE_IDENTITE` or none. `bounds` are the least and the most
    of a number or a date (ISO 8601), or None: the platform drops a prefilled value outside of the bounds, and
    does not publish them.
    """

    stable: int
    kind: str
    label: str
    description: str = ""
    required: bool = False
    options: tuple[str, ...] | None = None
    other_option: bool = False
    level: int | None = None
    nature: str | None = None
    bounds: tuple[Any, Any] = (None, None)
    visible_if: Condition | None = None
    champs: tuple[Descriptor, ...] = ()

    @property
    def is_titre(self) -> bool:
        """Whether it is a titre d'identité, by its old kind or by its nature."""
        return self.kind == "titre_identite" or self.nature == "TITRE_IDENTITE"


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a form. `number` is the platform's, `champs` in the order of the form."""

    number: int
    date_creation: dt.datetime
    date_publication: dt.datetime | None
    champs: tuple[Descriptor, ...]
    annotations: tuple[Descriptor, ...] = ()

    def walk(self) -> Iterator[Descriptor]:
        """Every descriptor; those of a block come right after the block."""
        for descriptor in self.champs:
            yield descriptor
            yield from descriptor.champs

    def find(self, stable: int) -> Descriptor | None:
        """The descriptor with this stable number, blocks included."""
        return next((descriptor for descriptor in self.walk() if descriptor.stable == stable), None)


@dataclass(frozen=True, slots=True)
class DemarcheForm:
    """A démarche as its administrators set it up. `state`: brouillon, publiee, close or depubliee."""

    number: int
    title: str
    description: str
    path: str
    old_paths: tuple[str, ...]
    state: str
    opendata: bool
    for_individual: bool
    date_creation: dt.datetime
    date_publication: dt.datetime | None
    service: Mapping[str, str]
    cadre_juridique_url: str | None
    revisions: tuple[Revision, ...]
    staff: Staff = field(default_factory=Staff)
    attestation: bool = False

    @property
    def active(self) -> Revision:
        """The revision for new dossiers: the last one published; in a draft démarche, the last one."""
        published = [one for one in self.revisions if one.date_publication is not None]
        return published[-1] if published else self.revisions[-1]

    @property
    def is_public(self) -> bool:
        """Whether everybody may read the form: it is open data, and the démarche is not a draft."""
        return self.opendata and self.state != "brouillon"

    def revision(self, number: int) -> Revision:
        """The revision of this number. Raises KeyError."""
        for revision in self.revisions:
            if revision.number == number:
                return revision
        raise KeyError(number)


def is_visible(
    descriptor: Descriptor, values: Mapping[int, Any], row_values: Mapping[int, Any] | None = None
) -> bool:
    """Whether a champ applies. `values` are those at top level, `row_values` those of the champ's row."""
    if descriptor.visible_if is None:
        return True
    return _holds(descriptor.visible_if, values, row_values or {})


def _holds(condition: Condition, values: Mapping[int, Any], row_values: Mapping[int, Any]) -> bool:
    if "any" in condition:
        return any(_holds(part, values, row_values) for part in condition["any"])
    if "all" in condition:
        return all(_holds(part, values, row_values) for part in condition["all"])
    champ: int = condition["champ"]
    value = row_values[champ] if champ in row_values else values.get(champ)
    if "includes" in condition:
        return isinstance(value, list) and condition["includes"] in value
    return bool(value == condition["equals"])


@cache
def load_forms() -> tuple[DemarcheForm, ...]:
    """Every form shipped with the sandbox, the CRA first."""
    folder = resources.files("ds_bridge.sandbox").joinpath("forms")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    documents = [json.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in names]
    return tuple(read_form(document) for document in documents)


def read_form(document: Mapping[str, Any]) -> DemarcheForm:
    """Read a form document (the shape of `forms/cra.json`). Raises KeyError or ValueError for other
    documents."""
    return DemarcheForm(
        number=document["number"],
        title=document["title"],
        description=document.get("description", ""),
        path=document["path"],
        old_paths=tuple(document.get("old_paths", ())),
        state=document.get("state", "publiee"),
        opendata=document.get("opendata", True),
        for_individual=document.get("for_individual", True),
        date_creation=dt.datetime.fromisoformat(document["date_creation"]),
        date_publication=_read_date(document.get("date_publication")),
        service=document.get("service", {}),
        cadre_juridique_url=document.get("cadre_juridique_url"),
        revisions=tuple(_read_revision(revision) for revision in document["revisions"]),
        staff=read_staff(document),
        attestation=document.get("attestation", False),
    )


def _read_revision(document: Mapping[str, Any]) -> Revision:
    revision = Revision(
        number=document["number"],
        date_creation=dt.datetime.fromisoformat(document["date_creation"]),
        date_publication=_read_date(document.get("date_publication")),
        champs=tuple(_read_descriptor(champ) for champ in document["champs"]),
        annotations=tuple(_read_descriptor(champ) for champ in document.get("annotations", ())),
    )
    known = {descriptor.stable for descriptor in revision.walk()}
    for descriptor in revision.walk():
        for champ in _champs_of(descriptor.visible_if):
            if champ not in known:
                raise ValueError(f"champ {descriptor.stable} depends on {champ}, which the revision has not")
    return revision


def _champs_of(condition: Condition | None) -> Iterator[int]:
    if condition is None:
        return
    for part in (*condition.get("any", ()), *condition.get("all", ())):
        yield from _champs_of(part)
    if "champ" in condition:
        yield condition["champ"]


def _read_descriptor(document: Mapping[str, Any]) -> Descriptor:
    options = document.get("options")
    return Descriptor(
        stable=document["id"],
        kind=document["kind"],
        label=document["label"],
        description=document.get("description", ""),
        required=document.get("required", False),
        options=None if options is None else tuple(options),
        other_option=document.get("other_option", False),
        level=document.get("level"),
        nature=document.get("nature"),
        bounds=(document.get("least"), document.get("most")),
        visible_if=document.get("visible_if"),
        champs=tuple(_read_descriptor(champ) for champ in document.get("champs", ())),
    )


def _read_date(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)
