"""Feeds: which champ each attribute of an identity, and each name of the model, feeds on a démarche's form.

The configuration's `[demarches.NAME.champs]` comes first. With a form, the model's declared labels and places
find the rest exactly as mapping does: only this module of `prefill` asks mapping. Nothing is guessed: whoever
gives a value for a name without a champ is told why, and what to set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.form import Form
from ds_bridge.ids import ChampId, read_reference
from ds_bridge.prefill.check import check
from ds_bridge.prefill.checked import Checked
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.values import ChampValue

_KEPT_FORMS = 16
# The attributes that a model may name otherwise, and how it then marks the champ as `personal`.
_DECLARED_AS = {"identifiant": "id", "email": "email"}

_kept: dict[tuple[int, str], tuple[Form, DemarcheSettings, Feeds]] = {}


@dataclass(frozen=True, slots=True)
class Feeds:
    """The champs of a démarche, by the names that feed them.

    `fields`: name → champ reference, as `check` takes it. `missing`: attribute → why no champ takes it, and
    what to set. `unresolved`: name of the model → why no champ of the form feeds it.
    """

    fields: Mapping[str, str]
    missing: Mapping[str, str]
    unresolved: Mapping[str, str]

    def name_champs(self) -> dict[int | str, list[str]]:
        """Names by the stable number of their champ, or by the label that the configuration gives."""
        names: dict[int | str, list[str]] = {}
        for name, reference in self.fields.items():
            champ = read_reference(reference)
            names.setdefault(champ.stable if isinstance(champ, ChampId) else champ, []).append(name)
        return names


def find_feeds(name: str, demarche: DemarcheSettings, form: Form | None) -> Feeds:
    """The feeds of the configuration; with a form, also those that the model finds. Kept for each `Form`.

    Raises ConfigurationError for a model that cannot be loaded or mapped.
    """
    if form is None:
        return _find(name, demarche, None)
    key = (id(form), name)
    kept = _kept.get(key)
    if kept is not None and kept[0] is form and kept[1] == demarche:
        return kept[2]
    while len(_kept) >= _KEPT_FORMS:
        _kept.pop(next(iter(_kept)), None)
    feeds = _find(name, demarche, form)
    _kept[key] = (form, demarche, feeds)
    return feeds


def check_configured(
    settings: Settings,
    name: str,
    identity: Identity | None,
    champs: Mapping[str, ChampValue],
    *,
    form: Form | None = None,
) -> Checked:
    """`check` for the démarche called `name` in the configuration.

    Raises ConfigurationError for a model that cannot be loaded or mapped.
    """
    feeds = find_feeds(name, settings.demarche(name), form)
    return check(identity, champs, fields=feeds.fields, form=form, missing=feeds.missing)


def _find(name: str, demarche: DemarcheSettings, form: Form | None) -> Feeds:
    fields: dict[str, str] = dict(demarche.champs)
    reasons: dict[str, str] = {}
    if form is not None and demarche.model is not None:
        reasons = _ask_mapping(demarche, demarche.model, form, fields)
    if demarche.person is not None and "identifiant" not in demarche.champs:
        fields["identifiant"] = fields.get(demarche.person, demarche.person)
    remedy = f'set demarches.{name}.champs.{{}} = "<champ>" (ds-bridge form {name} --toml prints the section)'
    missing = {
        attribute: f"{_explain(attribute, demarche, form, reasons)}: {remedy.format(attribute)}"
        for attribute in Identity.model_fields
        if attribute not in fields
    }
    return Feeds(fields, missing, reasons)


def _ask_mapping(
    demarche: DemarcheSettings, model: str, form: Form, fields: dict[str, str]
) -> dict[str, str]:
    """Add to `fields` what the model finds. Gives the reasons for the rest, by name."""
    from ds_bridge.mapping import load_model, locate  # a démarche without a model does not need mapping

    located = locate(load_model(model), form, demarche.champs)
    for each, champ in located.champs.items():
        if champ.number is not None:
            fields[each] = ChampId(champ.number).encode_for_link()
    reasons = dict(located.reasons)
    for attribute, mark in _DECLARED_AS.items():
        names = located.personal.get(mark, ())
        if len(names) == 1 and attribute not in fields:
            if names[0] in fields:
                fields[attribute] = fields[names[0]]
            elif names[0] in reasons:
                reasons[attribute] = reasons[names[0]]
    return reasons


def _explain(
    attribute: str, demarche: DemarcheSettings, form: Form | None, reasons: Mapping[str, str]
) -> str:
    if form is None:
        return "no champ is configured to take it, and without the form of the démarche none can be found"
    if attribute in reasons:
        return f"no champ of démarche {form.number} is found to take it: {reasons[attribute]}"
    if demarche.model is None:
        return "no champ is configured to take it, and the démarche has no model to find one by"
    return f"{demarche.model} declares no champ for it"
