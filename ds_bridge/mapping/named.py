"""Named champs: the model of a démarche whose configuration names champs and no model.

Takes `[demarches.NAME.champs]` and the form, gives a model with one field for each name, typed by its champ's
kind. So a few champs come out named and typed without code, by the same resolution and with the same errors
as a declared model. `atelier.date` beside `atelier` names a champ of that block's rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any

from pydantic import create_model

from ds_bridge.errors import ConfigurationError
from ds_bridge.form import SILENT, Form
from ds_bridge.mapping.declared import RESERVED, load_model
from ds_bridge.mapping.fields import DomainModel, champ
from ds_bridge.mapping.kinds import BLOCK, accepted_kinds, item_type, natural_type
from ds_bridge.mapping.plan import Plan
from ds_bridge.mapping.resolve import resolve

_TAKEN = RESERVED | {"dossier", "pseudonyme"}


class ChampsNommes(DomainModel):
    """Base of such models. Nobody said what their fields mean, only which champs feed them."""


class _Ligne(DomainModel):
    """Base of their rows."""


def make_plan(
    model: str | None,
    champs: Mapping[str, str],
    active: Form,
    others: Sequence[Form] = (),
    *,
    lenient: bool = False,
) -> Plan | None:
    """The plan of a démarche of the configuration: of its model, else of its named champs, else None.

    Raises what `load_model` and `resolve` raise, and ConfigurationError for a name that no field can have.
    """
    if model is not None:
        return resolve(load_model(model), active, others, champs, lenient=lenient)
    if not champs:
        return None
    named = name_champs(champs, active, others, lenient=lenient)
    return resolve(named, active, others, champs, lenient=lenient)


def name_champs(
    champs: Mapping[str, str], active: Form, others: Sequence[Form] = (), *, lenient: bool = False
) -> type[ChampsNommes]:
    """A model with one field for each name. Raises ConfigurationError; MappingError for unresolved names."""
    tree = _read_names(champs)
    # `resolve` says which champ a name means; only then is the type of the field known.
    plan = resolve(_build_model(tree, {}), active, others, champs, lenient=lenient)
    held = {}
    for name, numbers in plan.numbers.items():
        kinds = _list_kinds(numbers, (active, *others))
        # A champ that held a value before, and is a block or a title now, means that the form changed.
        values = [kind for kind in kinds if kind not in BLOCK | SILENT] if lenient else kinds
        if not lenient or (kinds and not values):
            _check_kind(name, kinds[0], has_rows=bool(tree.get(name)))
        held[name] = _hold(values or kinds)
    return _build_model(tree, held)


def _check_kind(name: str, kind: str, *, has_rows: bool) -> None:
    if kind in BLOCK and not has_rows:
        raise ConfigurationError(
            f"champs: {name} is a repeatable block: name the champs of its rows too, as {name}.…"
        )
    if kind in SILENT:
        raise ConfigurationError(f"champs: {name} is a title or a text of the form, which holds nothing")


def _list_kinds(numbers: Sequence[int], forms: Sequence[Form]) -> list[str]:
    """The kind of the champ on the active form, then those that older revisions gave it."""
    found = [form.find(number) for number in numbers for form in forms]
    return list(dict.fromkeys(each.kind for each in found if each is not None))


def _hold(kinds: Sequence[str]) -> Any:
    """The type of the first kind, widened by older ones whose values it could not hold."""
    held = [natural_type(kind) for kind in kinds[:1]] or [Any]
    for kind in kinds[1:]:
        if kind not in BLOCK and kind not in accepted_kinds(held[0])[1]:
            held.append(natural_type(kind))
    items = [item_type(each) or each for each in held]
    if Any in items:
        return Any
    union = reduce(or_, items)
    return GenericAlias(tuple, (union, ...)) if any(map(item_type, held)) else union


def _read_names(champs: Mapping[str, str]) -> dict[str, list[str]]:
    """Top-level names in order, each with the names of its rows' fields."""
    tree: dict[str, list[str]] = {}
    for name in champs:
        outer, _, inner = name.partition(".")
        for part in (outer, inner) if inner or "." in name else (outer,):
            _check_name(name, part)
        tree.setdefault(outer, [])
        if inner:
            tree[outer].append(inner)
    return tree


def _check_name(name: str, part: str) -> None:
    if not part.isidentifier() or part.startswith("_") or part in _TAKEN or hasattr(DomainModel, part):
        raise ConfigurationError(
            f"champs: {name!r} cannot be a field's name: use letters, digits and _, or another word if it is"
            " already taken"
        )


def _build_model(tree: Mapping[str, Sequence[str]], held: Mapping[str, Any]) -> type[ChampsNommes]:
    fields: dict[str, Any] = {}
    for name, inner in tree.items():
        if inner:
            rows: dict[str, Any] = {part: _declare(part, held.get(f"{name}.{part}", Any)) for part in inner}
            row = create_model(f"Ligne_{name}", __base__=_Ligne, __module__=__name__, **rows)
            fields[name] = (Annotated[GenericAlias(tuple, (row, ...)), champ(name)], ())
        else:
            fields[name] = _declare(name, held.get(name, Any))
    return create_model("ChampsNommes", __base__=ChampsNommes, __module__=__name__, **fields)


def _declare(name: str, held: Any) -> tuple[Any, Any]:
    if item_type(held) is not None:
        return Annotated[held, champ(name)], ()
    return Annotated[held | None, champ(name)], None
