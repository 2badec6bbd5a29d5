"""Declared models: takes a model class, gives the tree of what it wants from a form.

Only this module reads `Annotated` metadata. It refuses what a model cannot declare, with the field's name: a
field that takes no null, a union without its discriminator, a block in a block.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from ds_bridge.errors import ConfigurationError
from ds_bridge.mapping.fields import ChampSource, DomainModel, DossierHeader
from ds_bridge.mapping.kinds import accepted_kinds, bare_type, item_type, takes_null, told_instead

RESERVED = frozenset({"anomalies"})


@dataclass(frozen=True)
class Leaf:
    """A field fed by one champ. `name` is relative to its block; `aliases` are accepted in its place."""

    attribute: str
    name: str
    source: ChampSource
    many: bool
    kinds: frozenset[str]
    older_kinds: frozenset[str]
    aliases: tuple[str, ...] = ()
    instead: Literal["files", "tick"] | None = None


@dataclass(frozen=True)
class DeclaredObject:
    """A model: what feeds it, field by field. Blocks and groups keep their order among the fields."""

    model: type[DomainModel]
    leaves: tuple[Leaf, ...] = ()
    groups: tuple[tuple[str, DeclaredObject], ...] = ()
    blocks: tuple[DeclaredBlock, ...] = ()
    header: str | None = None

    @cached_property
    def all_leaves(self) -> tuple[Leaf, ...]:
        """Leaves of this object and of its groups."""
        return self.leaves + tuple(leaf for _, group in self.groups for leaf in group.all_leaves)

    @cached_property
    def all_blocks(self) -> tuple[DeclaredBlock, ...]:
        """Blocks of this object and of its groups."""
        return self.blocks + tuple(block for _, group in self.groups for block in group.all_blocks)


@dataclass(frozen=True)
class DeclaredBlock:
    """A repeatable block. One variant with tag None, or several told apart by `discriminator`."""

    attribute: str
    name: str
    source: ChampSource
    variants: tuple[tuple[Any, DeclaredObject], ...]
    discriminator: str | None = None

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Leaves of all variants, each name once."""
        by_name: dict[str, Leaf] = {}
        for _, variant in self.variants:
            for leaf in variant.all_leaves:
                known = by_name.get(leaf.name)
                aliases = (*known.aliases, *leaf.aliases) if known else leaf.aliases
                by_name[leaf.name] = replace(leaf, aliases=aliases)
        return tuple(by_name.values())


def load_model(path: str) -> type[DomainModel]:
    """The domain model at `module:Class`.

    Raises ConfigurationError in one line: no such module, no such class, or not a domain model.
    """
    module_name, _, class_name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"model {path!r}: no module named {error.name!r}") from error
    except (ImportError, SyntaxError) as error:
        raise ConfigurationError(f"model {path!r}: {module_name} cannot be imported: {error}") from error
    except Exception as error:
        # Somebody's own code: whatever it raises is a setting to mend. Its message is its own business.
        raise ConfigurationError(
            f"model {path!r}: {module_name} fails when it is imported ({type(error).__name__})"
        ) from error
    model = getattr(module, class_name, None)
    if model is None:
        raise ConfigurationError(f"model {path!r}: {module_name} has no {class_name!r}")
    if not (isinstance(model, type) and issubclass(model, DomainModel)):
        raise ConfigurationError(f"model {path!r}: {class_name} is not a ds_bridge.mapping.DomainModel")
    return model


def read_model(model: type[DomainModel]) -> DeclaredObject:
    """What the model declares. Raises ConfigurationError naming the field that cannot be mapped."""
    declared = _read_object(model, in_block=False)
    names = [leaf.name for leaf in declared.all_leaves] + [block.name for block in declared.all_blocks]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(
                f"{model.__name__}: two fields have the configuration name {name!r}; give one champ(name=…)"
            )
    return declared


def _read_object(model: type[DomainModel], *, in_block: bool) -> DeclaredObject:
    leaves: list[Leaf] = []
    groups: list[tuple[str, DeclaredObject]] = []
    blocks: list[DeclaredBlock] = []
    header: str | None = None
    for attribute, info in model.model_fields.items():
        where = f"{model.__name__}.{attribute}"
        if attribute in RESERVED:
            raise ConfigurationError(f"{where}: mapping uses this name for what it adds; choose another")
        source = _source_of(info)
        bare = bare_type(info.annotation)
        if source is None:
            if _row_models(bare):
                raise ConfigurationError(f"{where}: rows need the champ(…) of their block")
            if isinstance(bare, type) and issubclass(bare, DossierHeader):
                header = attribute
            elif isinstance(bare, type) and issubclass(bare, DomainModel):
                groups.append((attribute, _read_object(bare, in_block=in_block)))
            elif info.is_required():
                raise ConfigurationError(f"{where}: no champ feeds it and it has no default")
        elif rows := _row_models(bare):
            if in_block:
                raise ConfigurationError(f"{where}: a block cannot stand in a block")
            blocks.append(_read_block(attribute, source, bare, rows))
        else:
            leaves.append(_read_leaf(where, attribute, source, info.annotation))
    return DeclaredObject(model, tuple(leaves), tuple(groups), tuple(blocks), header)


def _source_of(info: FieldInfo) -> ChampSource | None:
    return next((mark for mark in info.metadata if isinstance(mark, ChampSource)), None)


def _read_leaf(where: str, attribute: str, source: ChampSource, annotation: Any) -> Leaf:
    bare = bare_type(annotation)
    many = item_type(bare) is not None
    tag = get_origin(bare) is Literal and not takes_null(annotation)
    if not (many or tag or takes_null(annotation)):
        raise ConfigurationError(f"{where}: must take null (`… | None = None`): dossiers are often partial")
    kinds, older = (source.kinds, source.kinds) if source.kinds else accepted_kinds(annotation)
    name = source.name or attribute
    return Leaf(attribute, name, source, many, kinds, older, instead=told_instead(annotation))


def _row_models(bare: Any) -> tuple[type[DomainModel], ...]:
    item = item_type(bare)
    if item is None:
        return ()
    inner = get_args(item)[0] if get_origin(item) is Annotated else item
    parts = get_args(inner) if get_args(inner) else (inner,)
    models = tuple(part for part in parts if isinstance(part, type) and issubclass(part, DomainModel))
    return models if len(models) == len(parts) and not _is_value(models) else ()


def _is_value(models: tuple[type[DomainModel], ...]) -> bool:
    # A model none of whose fields has a champ is a value (a file), not a row.
    return not any(_source_of(info) for model in models for info in model.model_fields.values())


def _read_block(
    attribute: str, source: ChampSource, bare: Any, rows: tuple[type[DomainModel], ...]
) -> DeclaredBlock:
    name = source.name or attribute
    objects = [_read_object(row, in_block=True) for row in rows]
    if len(rows) == 1:
        return DeclaredBlock(attribute, name, source, ((None, objects[0]),))
    discriminator = _discriminator_of(item_type(bare))
    if discriminator is None:
        raise ConfigurationError(f"block {name!r}: rows of several sorts need Field(discriminator=…)")
    tags = [_tag_of(name, row, discriminator) for row in rows]
    leaves = _qualify(objects, tags)
    if discriminator not in {leaf.name for own in leaves for leaf in own}:
        raise ConfigurationError(
            f"block {name!r}: {discriminator!r} must be fed by one champ, the same for every sort of row"
        )
    variants = tuple(
        (tag, DeclaredObject(row.model, own, row.groups))
        for tag, row, own in zip(tags, objects, leaves, strict=True)
    )
    return DeclaredBlock(attribute, name, source, variants, discriminator)


def _qualify(objects: list[DeclaredObject], tags: list[Any]) -> list[tuple[Leaf, ...]]:
    """Leaves of each variant. Where variants feed one name from different champs, the tag joins the name."""
    sources: dict[str, set[ChampSource]] = {}
    for row in objects:
        for leaf in row.leaves:
            sources.setdefault(leaf.name, set()).add(leaf.source)

    def rename(leaf: Leaf, tag: Any) -> Leaf:
        qualified = f"{tag}.{leaf.name}"
        clash = len(sources[leaf.name]) > 1
        return replace(leaf, name=qualified) if clash else replace(leaf, aliases=(qualified,))

    return [tuple(rename(leaf, tag) for leaf in row.leaves) for row, tag in zip(objects, tags, strict=True)]


def _discriminator_of(item: Any) -> str | None:
    if get_origin(item) is not Annotated or get_origin(get_args(item)[0]) is None:
        return None
    marks = (mark for mark in get_args(item)[1:] if isinstance(mark, FieldInfo))
    found = next((mark.discriminator for mark in marks if mark.discriminator), None)
    return found if isinstance(found, str) else None


def _tag_of(block: str, row: type[DomainModel], discriminator: str) -> Any:
    info = row.model_fields.get(discriminator)
    bare = bare_type(info.annotation) if info else None
    if get_origin(bare) is not Literal or len(get_args(bare)) != 1:
        raise ConfigurationError(
            f"block {block!r}: {row.__name__}.{discriminator} must be a one-value Literal"
        )
    return get_args(bare)[0]
