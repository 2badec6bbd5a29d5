"""The plan: a model resolved on a form. Made by `resolve`, read by `map_dossier` once a dossier.

Everything a dossier needs is looked up beforehand: which stable numbers feed which attribute, which options
mean what. Immutable and picklable, so that several processes can share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ds_bridge.mapping.anomalies import Code
from ds_bridge.mapping.fields import Context, DomainModel


@dataclass(frozen=True)
class Misfit:
    """A field that the active form does not feed: its champ is gone, or cannot be told, or has another kind.

    `code`: the anomaly of its dossiers. `reason`: what is wrong on the form. `optional`: the model says that
    a form may lack the champ.
    """

    name: str
    code: Code
    reason: str
    optional: bool = False


@dataclass(frozen=True)
class Source:
    """What feeds one attribute: the stable numbers of the active form first, then those of older revisions.

    `options`: the platform's option → the field's value (None: options stay as they are). `known`: the
    options of all revisions, normalised (None: any text may be written). `kinds`: those whose values the
    field takes; `readable`: those of which it takes some values (empty: all kinds). `instead`: see
    `kinds.told_instead`.
    """

    attribute: str
    name: str
    numbers: tuple[int, ...]
    many: bool
    options: dict[str, Any] | None = None
    known: frozenset[str] | None = None
    kinds: frozenset[str] = frozenset()
    readable: frozenset[str] = frozenset()
    instead: Literal["files", "tick"] | None = None
    is_gone: bool = False

    @cached_property
    def is_plain(self) -> bool:
        """Whether it takes one value and no options: then a text stays as it is."""
        return not self.many and self.options is None and self.known is None


@dataclass(frozen=True)
class Reader:
    """How to read one object of the model: the dossier's, a group's or a row's."""

    model: type[DomainModel]
    sources: tuple[Source, ...] = ()
    groups: tuple[tuple[str, Reader], ...] = ()
    blocks: tuple[Block, ...] = ()
    header: str | None = None

    def walk_sources(self) -> Iterator[Source]:
        """Sources of this object and of its groups."""
        yield from self.sources
        for _, group in self.groups:
            yield from group.walk_sources()

    def walk_blocks(self) -> Iterator[Block]:
        """Blocks of this object and of its groups."""
        yield from self.blocks
        for _, group in self.groups:
            yield from group.walk_blocks()


@dataclass(frozen=True)
class Block:
    """How to read a repeatable block. `tag` is the source that tells variants apart, by its value."""

    attribute: str
    name: str
    numbers: tuple[int, ...]
    variants: tuple[tuple[Any, Reader], ...]
    tag: Source | None = None
    is_gone: bool = False


@dataclass(frozen=True)
class Plan:
    """A model resolved on the active form of a démarche, older revisions included.

    `misfits`: the fields that a lenient resolution did not find; empty for a strict one.
    """

    model: type[DomainModel]
    demarche: int
    reader: Reader
    misfits: tuple[Misfit, ...] = ()

    @cached_property
    def numbers(self) -> dict[str, tuple[int, ...]]:
        """Configuration name → stable numbers of its champs; empty for an optional one the form lacks."""
        numbers = {source.name: source.numbers for source in self.reader.walk_sources()}
        for block in self.reader.walk_blocks():
            numbers[block.name] = block.numbers
            for _, variant in block.variants:
                numbers.update({source.name: source.numbers for source in variant.walk_sources()})
        return numbers

    @cached_property
    def feeds(self) -> dict[int, tuple[str, ...]]:
        """Stable number → configuration names of the fields it feeds."""
        feeds: dict[int, tuple[str, ...]] = {}
        for name, numbers in self.numbers.items():
            for number in numbers:
                feeds[number] = (*feeds.get(number, ()), name)
        return feeds

    @cached_property
    def blocks(self) -> dict[str, list[str]]:
        """Block → its rows' keys in order; of a block of several sorts, all keys of all sorts."""
        blocks: dict[str, list[str]] = {}
        for block in self.reader.walk_blocks():
            keys: dict[str, None] = {}
            for _, variant in block.variants:
                fields = variant.model.model_fields
                keys.update(dict.fromkeys(name for name, info in fields.items() if not info.exclude))
            blocks[block.name] = list(keys)
        return blocks

    @cached_property
    def fed(self) -> frozenset[int]:
        """Stable numbers of all champs that feed a field."""
        return frozenset(self.feeds)

    @cached_property
    def block_paths(self) -> dict[str, tuple[str, ...]]:
        """Block → the attributes that lead to it from the object."""
        return dict(_walk_paths(self.reader, ()))

    @cached_property
    def context(self) -> Context:
        """The context that the model's rules get."""
        return Context(frozenset(name for name, numbers in self.numbers.items() if numbers))


def _walk_paths(reader: Reader, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for block in reader.blocks:
        yield block.name, (*path, block.attribute)
    for attribute, group in reader.groups:
        yield from _walk_paths(group, (*path, attribute))
