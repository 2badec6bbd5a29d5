"""Resolution: a model and the forms of a démarche in, a `Plan` out, or one error that lists everything.

The active form must resolve as a whole, without a guess. In a night's run (`lenient`), fields that do not
resolve are reported and the rest is read. Older revisions then add what they can (champs that were replaced,
options that were withdrawn); they never fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ds_bridge.errors import ConfigurationError, MappingError, UnfitModelError
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId, MalformedIdError, read_reference
from ds_bridge.mapping.anomalies import CHAMP_GONE
from ds_bridge.mapping.complaints import Complaint, describe_complaint, mapping_error, unknown_name
from ds_bridge.mapping.declared import DeclaredBlock, DeclaredObject, Leaf, read_model
from ds_bridge.mapping.fields import ChampSource, DomainModel
from ds_bridge.mapping.kinds import BLOCK
from ds_bridge.mapping.labels import normalise
from ds_bridge.mapping.matching import match_active, match_older
from ds_bridge.mapping.misfits import list_dropped, list_misfits
from ds_bridge.mapping.places import Scope, Wanted
from ds_bridge.mapping.plan import Block, Misfit, Plan, Reader, Source

_CHOICES = frozenset({"drop_down_list", "multiple_drop_down_list"})


@dataclass
class _Resolution:
    """Champs found so far, by full configuration name, active form's first."""

    champs: dict[str, list[Field]] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)

    def add(self, prefix: str, found: Mapping[str, Field]) -> None:
        for name, champ in found.items():
            self.champs.setdefault(prefix + name, []).append(champ)

    def keep_wrong_kinds(self, complaints: Iterable[Complaint]) -> None:
        """Keep a champ of the wrong kind as the champ of its field, unless another field has it."""
        used = {champ.number for champs in self.champs.values() for champ in champs}
        for complaint in complaints:
            if complaint.wrong_kind and complaint.candidates[0].number not in used:
                self.champs[complaint.name] = list(complaint.candidates)

    def is_gone(self, name: str) -> bool:
        """Whether the active form has nothing for this field."""
        return any(misfit.name == name and misfit.code is CHAMP_GONE for misfit in self.misfits)

    def numbers(self, name: str) -> tuple[int, ...]:
        found = (champ.number for champ in self.champs.get(name, ()) if champ.number is not None)
        return tuple(dict.fromkeys(found))


def resolve(
    model: type[DomainModel],
    active: Form,
    others: Sequence[Form] = (),
    champs: Mapping[str, str] | None = None,
    *,
    lenient: bool = False,
) -> Plan:
    """Find the champ of every field of `model`.

    active: the form dossiers are filed on now; others: older revisions; champs: configuration name → typed
    id, stable number or exact label. Raises MappingError listing each field that is missing or ambiguous
    with its candidates, ConfigurationError when the model itself cannot be mapped.

    `lenient` is for a form that may have changed since the model was right: fields that do not resolve are in
    the plan's `misfits`. Raises UnfitModelError when nothing resolves.
    """
    declared = read_model(model)
    if not any(champ.number is not None for champ, _ in active.walk()):
        raise MappingError(
            f"the form of démarche {active.number} gives no champ ids (open data has none): "
            "take it from the API or from /preremplir/<path>/schema"
        )
    complaints: list[Complaint] = []
    configured = _read_references(declared, champs or {}, complaints)
    resolution = _Resolution()
    _resolve_active(declared, active, others, configured, resolution, complaints)
    if complaints and (not lenient or any(complaint.setting for complaint in complaints)):
        raise mapping_error(model.__name__, active, complaints)
    sources, on_form = _list_sources(declared), set(resolution.champs)
    if lenient and sources and not on_form:
        nothing = [Complaint(name, "no champ of its number or label") for name in sources]
        raise mapping_error(model.__name__, active, complaints or nothing, UnfitModelError)
    on_active = frozenset(champ.number for champ, _ in active.walk() if champ.number is not None)
    resolution.misfits = list_misfits(complaints, sources)
    resolution.keep_wrong_kinds(complaints)
    for older in others:
        _resolve_older(declared, older, configured, resolution, on_active)
    if lenient:
        dropped = {name: champs[0] for name, champs in resolution.champs.items() if name not in on_form}
        resolution.misfits += list_dropped(dropped, sources, resolution.misfits)
    misfits = tuple(resolution.misfits)
    return Plan(model, active.number, _build_reader(declared, "", resolution), misfits)


@dataclass(frozen=True)
class Located:
    """The fields of a model that were found on a form, and why the others were not.

    `champs`: configuration name → champ (`block.name` for one of rows). `reasons`: the same names → why none
    is found. `personal`: `id` and `email` → names of the dossier's own fields that are declared so.
    """

    champs: Mapping[str, Field]
    reasons: Mapping[str, str]
    personal: Mapping[str, tuple[str, ...]]


def locate(model: type[DomainModel], active: Form, champs: Mapping[str, str] | None = None) -> Located:
    """Find on the form as many fields of `model` as it has, by the rules of `resolve` (which wants all).

    Raises ConfigurationError when the model itself cannot be mapped.
    """
    declared = read_model(model)
    complaints: list[Complaint] = []
    configured = _read_references(declared, champs or {}, complaints)
    resolution = _Resolution()
    _resolve_active(declared, active, (), configured, resolution, complaints)
    personal: dict[str, tuple[str, ...]] = {}
    for leaf in declared.all_leaves:
        if leaf.source.personal in ("id", "email"):
            personal[leaf.source.personal] = (*personal.get(leaf.source.personal, ()), leaf.name)
    return Located(
        {name: found[0] for name, found in resolution.champs.items()},
        {complaint.name: describe_complaint(complaint) for complaint in complaints},
        personal,
    )


def _read_references(
    declared: DeclaredObject, champs: Mapping[str, str], complaints: list[Complaint]
) -> dict[str, ChampId | str]:
    known = _known_names(declared)
    references: dict[str, ChampId | str] = {}
    for name, text in champs.items():
        if name not in known:
            complaints.append(unknown_name(name, known))
        elif known[name] in references:
            reason = f"configured twice, here and as {known[name]!r}"
            complaints.append(Complaint(name, reason, setting=True))
        else:
            try:
                references[known[name]] = read_reference(text)
            except MalformedIdError as error:
                raise ConfigurationError(f"champs: {name}: {error}") from error
    return references


def _known_names(declared: DeclaredObject) -> dict[str, str]:
    """Every name a configuration may use → the canonical one."""
    names = {leaf.name: leaf.name for leaf in declared.all_leaves}
    aliases: dict[str, str] = {}
    for block in declared.all_blocks:
        names[block.name] = block.name
        for leaf in block.leaves:
            full = f"{block.name}.{leaf.name}"
            names[full] = full
            aliases |= {f"{block.name}.{alias}": full for alias in leaf.aliases}
    return names | aliases


def _list_sources(declared: DeclaredObject) -> dict[str, ChampSource]:
    """The declaration of each field, block and row's field, by configuration name."""
    sources = {leaf.name: leaf.source for leaf in declared.all_leaves}
    for block in declared.all_blocks:
        sources[block.name] = block.source
        sources |= {f"{block.name}.{leaf.name}": leaf.source for leaf in block.leaves}
    return sources


def _resolve_active(
    declared: DeclaredObject,
    active: Form,
    others: Sequence[Form],
    configured: Mapping[str, ChampId | str],
    resolution: _Resolution,
    complaints: list[Complaint],
) -> None:
    top = match_active(_wanted(declared), Scope(active.fields), configured, active, others)
    complaints += top.complaints
    resolution.add("", top.found)
    for block in declared.all_blocks:
        found = top.found.get(block.name)
        if found is None:
            continue
        prefix = f"{block.name}."
        inner = {
            name.removeprefix(prefix): reference
            for name, reference in configured.items()
            if name.startswith(prefix)
        }
        rows = match_active(
            [_want(leaf) for leaf in block.leaves], Scope(found.fields, found), inner, active, others
        )
        complaints += [replace(complaint, name=prefix + complaint.name) for complaint in rows.complaints]
        resolution.add(prefix, rows.found)


def _resolve_older(
    declared: DeclaredObject,
    older: Form,
    configured: Mapping[str, ChampId | str],
    resolution: _Resolution,
    on_active: frozenset[int],
) -> None:
    wanted = _relabel(_wanted(declared, older=True), "", configured, resolution)
    top = match_older(wanted, Scope(older.fields), _known_numbers(wanted, "", resolution), on_active)
    resolution.add("", top)
    for block in declared.all_blocks:
        found = top.get(block.name)
        if found is None:
            continue
        prefix = f"{block.name}."
        inner = _relabel([_want(leaf, older=True) for leaf in block.leaves], prefix, configured, resolution)
        known = _known_numbers(inner, prefix, resolution)
        resolution.add(prefix, match_older(inner, Scope(found.fields, found), known, on_active))


def _wanted(declared: DeclaredObject, *, older: bool = False) -> list[Wanted]:
    leaves = [_want(leaf, older=older) for leaf in declared.all_leaves]
    return leaves + [Wanted(block.name, block.source, BLOCK) for block in declared.all_blocks]


def _want(leaf: Leaf, *, older: bool = False) -> Wanted:
    return Wanted(leaf.name, leaf.source, leaf.older_kinds if older else leaf.kinds, leaf.aliases)


def _relabel(
    wanted: Iterable[Wanted],
    prefix: str,
    configured: Mapping[str, ChampId | str],
    resolution: _Resolution,
) -> list[Wanted]:
    """Look for a configured field under the label of its configured champ: the model's labels were wrong."""
    relabelled = []
    for want in wanted:
        champs = resolution.champs.get(prefix + want.name, [])
        reference = configured.get(prefix + want.name)
        if reference is not None and champs:
            want = replace(want, source=replace(want.source, labels=(champs[0].label,)))
        elif isinstance(reference, str):
            want = replace(want, source=replace(want.source, labels=(reference,), numbers=()))
        elif reference is not None:
            want = replace(want, source=replace(want.source, numbers=(reference.stable,)))
        relabelled.append(want)
    return relabelled


def _known_numbers(
    wanted: Iterable[Wanted], prefix: str, resolution: _Resolution
) -> dict[str, tuple[int, ...]]:
    return {want.name: resolution.numbers(prefix + want.name) for want in wanted}


def _build_reader(declared: DeclaredObject, prefix: str, resolution: _Resolution) -> Reader:
    return Reader(
        model=declared.model,
        sources=tuple(_build_source(leaf, prefix, resolution) for leaf in declared.leaves),
        groups=tuple(
            (attribute, _build_reader(group, prefix, resolution)) for attribute, group in declared.groups
        ),
        blocks=tuple(_build_block(block, resolution) for block in declared.blocks),
        header=declared.header,
    )


def _build_block(block: DeclaredBlock, resolution: _Resolution) -> Block:
    prefix = f"{block.name}."
    tag = next((leaf for leaf in block.leaves if leaf.attribute == block.discriminator), None)
    return Block(
        attribute=block.attribute,
        name=block.name,
        numbers=resolution.numbers(block.name),
        variants=tuple((value, _build_reader(row, prefix, resolution)) for value, row in block.variants),
        tag=None if tag is None else _build_source(tag, prefix, resolution),
        is_gone=resolution.is_gone(block.name),
    )


def _build_source(leaf: Leaf, prefix: str, resolution: _Resolution) -> Source:
    name = prefix + leaf.name
    options: dict[str, Any] | None = None
    if leaf.source.options:
        options = {normalise(option): value for option, value in leaf.source.options}
        options |= dict(leaf.source.options)
    return Source(
        attribute=leaf.attribute,
        name=name,
        numbers=resolution.numbers(name),
        many=leaf.many,
        options=options,
        known=None if options else _known_options(resolution.champs.get(name, [])),
        kinds=leaf.kinds,
        readable=leaf.older_kinds,
        instead=leaf.instead,
        is_gone=resolution.is_gone(name),
    )


def _known_options(champs: Sequence[Field]) -> frozenset[str] | None:
    """Options of all revisions, as written and normalised; None when anything may be written."""
    lists = [champ for champ in champs if champ.kind in _CHOICES]
    if (
        not lists
        or len(lists) < len(champs)
        or any(champ.other_option or not champ.options for champ in lists)
    ):
        return None
    options = [option for champ in lists for option in champ.options or ()]
    return frozenset(options) | frozenset(normalise(option) for option in options)
