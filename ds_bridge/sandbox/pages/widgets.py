"""Widgets: takes a revision, values and problems, gives the templates what they need to draw the champs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ds_bridge.sandbox.dossiers import Row, Value, Values
from ds_bridge.sandbox.forms import Descriptor, Revision, is_visible
from ds_bridge.sandbox.pages.answers import DRAWN_KINDS, OTHER, Answers, Problem, name_input
from ds_bridge.sandbox.pages.places import (
    LISTED_KINDS,
    PLACE_KINDS,
    SEARCHED_KINDS,
    list_places,
    suggest_places,
    write_place,
)

FEW_OPTIONS = 5
"""Up to this many options are radio buttons, more are a drop-down list, as on the platform."""

_SHAPES = {
    "header_section": "titre",
    "explication": "explication",
    "repetition": "bloc",
    "textarea": "texte_long",
    "checkbox": "case",
    "multiple_drop_down_list": "cases",
    "yes_no": "boutons",
    "civilite": "boutons",
    **dict.fromkeys(LISTED_KINDS, "liste"),
    **dict.fromkeys(SEARCHED_KINDS, "recherche"),
}
_TYPES = {"email": "email", "phone": "tel", "date": "date", "datetime": "datetime-local"}
_MODES = {
    "integer_number": "numeric",
    "decimal_number": "decimal",
    "dossier_link": "numeric",
    "siret": "numeric",
}


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RowWidget:
    id: str
    title: str
    widgets: list[Widget]


@dataclass(frozen=True, slots=True)
class Widget:
    """One champ on the page. `shape` names its macro in `champ.html`; `condition` is for the browser."""

    descriptor: Descriptor
    name: str
    shape: str
    hidden: bool
    problem: str | None = None
    text: str = ""
    checked: bool = False
    choices: list[Choice] = field(default_factory=list)
    other: str | None = None
    rows: list[RowWidget] = field(default_factory=list)

    @property
    def condition(self) -> str | None:
        found = self.descriptor.visible_if
        return None if found is None else json.dumps(found, ensure_ascii=False)

    @property
    def input_type(self) -> str:
        return _TYPES.get(self.descriptor.kind, "text")

    @property
    def input_mode(self) -> str | None:
        return _MODES.get(self.descriptor.kind)

    @property
    def focus_id(self) -> str:
        """The target of a link to this champ: its input, the first of several inputs, or a block's button."""
        return self.choices[0].id if self.choices and self.shape != "liste" else self.name

    @property
    def described_by(self) -> str | None:
        """The ids of the texts that explain the input, the problem first."""
        ids = [f"{self.name}-erreur"] if self.problem else []
        ids += [f"{self.name}-aide"] if self.descriptor.description else []
        return " ".join(ids) or None

    @property
    def level(self) -> int:
        """Heading level of a section: the page's title is 1."""
        return min(1 + (self.descriptor.level or 1), 6)


def draw_form(revision: Revision, answers: Answers, problems: list[Problem]) -> list[Widget]:
    """Every champ of the form, in order; those that do not apply are hidden."""
    messages = {problem.name: problem.message for problem in problems}
    widgets = []
    for descriptor in revision.champs:
        name = name_input(descriptor.stable)
        hidden = not is_visible(descriptor, answers.values)
        if descriptor.kind == "repetition":
            rows = _draw_rows(descriptor, answers, messages)
            widgets.append(Widget(descriptor, name, "bloc", hidden, messages.get(name), rows=rows))
        else:
            widgets.append(_draw(descriptor, name, hidden, answers.values, answers.typed, messages))
    return widgets


def suggest(revision: Revision) -> dict[str, list[str]]:
    """Labels to choose from, by kind, for the kinds of this form that people type."""
    kinds = {descriptor.kind for descriptor in revision.walk()} & SEARCHED_KINDS
    return {kind: suggest_places(kind) for kind in sorted(kinds)}


def _draw_rows(block: Descriptor, answers: Answers, messages: Mapping[str, str]) -> list[RowWidget]:
    rows: list[Row] = answers.values.get(block.stable) or []
    drawn = []
    for position, row in enumerate(rows, start=1):
        widgets = [
            _draw(
                descriptor,
                name_input(descriptor.stable, block.stable, row.id),
                not is_visible(descriptor, answers.values, row.values),
                row.values,
                answers.typed,
                messages,
            )
            for descriptor in block.champs
        ]
        drawn.append(RowWidget(row.id, f"{block.label.strip()} {position}", widgets))
    return drawn


def _draw(
    descriptor: Descriptor,
    name: str,
    hidden: bool,
    values: Values,
    typed: Mapping[str, str],
    messages: Mapping[str, str],
) -> Widget:
    value = values.get(descriptor.stable)
    other = None
    if descriptor.other_option:
        other = value if value is not None and value not in (descriptor.options or ()) else ""
    return Widget(
        descriptor,
        name,
        _shape_of(descriptor),
        hidden,
        messages.get(name),
        text=typed.get(name, _as_text(descriptor, value)),
        checked=value is True,
        choices=_draw_choices(descriptor, name, value, other),
        other=other,
    )


def _shape_of(descriptor: Descriptor) -> str:
    if descriptor.kind == "drop_down_list":
        return "boutons" if len(descriptor.options or ()) <= FEW_OPTIONS else "liste"
    if descriptor.kind in _SHAPES:
        return _SHAPES[descriptor.kind]
    return "texte" if descriptor.kind in DRAWN_KINDS else "absent"


def _as_text(descriptor: Descriptor, value: Value | None) -> str:
    if descriptor.kind in PLACE_KINDS:
        return write_place(descriptor.kind, value)
    if value is None or isinstance(value, list | dict | bool):
        return ""
    if descriptor.kind == "decimal_number":
        return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",")
    if descriptor.kind == "datetime":
        return str(value)[:16]  # what datetime-local takes: no seconds, no zone
    return str(value)


def _draw_choices(descriptor: Descriptor, name: str, value: Value | None, other: str | None) -> list[Choice]:
    pairs: list[tuple[str, str]]
    chosen: list[Value]
    if descriptor.kind == "yes_no":
        pairs = [("true", "Oui"), ("false", "Non")]
        chosen = [] if value is None else [str(value).lower()]
    elif descriptor.kind in LISTED_KINDS:
        pairs = list_places(descriptor.kind)
        chosen = [write_place(descriptor.kind, value)]
    elif descriptor.kind == "civilite":
        pairs = [("Mme", "Madame"), ("M.", "Monsieur")]
        chosen = [value]
    else:
        pairs = [(option, option) for option in descriptor.options or ()]
        chosen = value if isinstance(value, list) else [value]
        if other is not None:
            pairs.append((OTHER, "Autre"))
            chosen = [OTHER] if other else chosen
    return [
        Choice(f"{name}-{position}", option, label, option in chosen)
        for position, (option, label) in enumerate(pairs, start=1)
    ]
