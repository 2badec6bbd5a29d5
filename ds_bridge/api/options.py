"""Options: what can be asked of a dossier beside its champs. Each one is a variable of the queries, so that a
dossier stays light unless somebody asks for more: `with` of a démarche's configuration, `include` of a
Client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from ds_bridge.api.queries import load
from ds_bridge.config import Option
from ds_bridge.errors import ConfigurationError

__all__ = ["OPTIONS", "Option", "bind_options", "hash_query", "list_added", "read_options"]

OPTIONS: tuple[str, ...] = get_args(Option)


def read_options(wanted: Iterable[str]) -> tuple[str, ...]:
    """The options, sorted, each once. Raises ConfigurationError naming those that do not exist."""
    chosen = tuple(sorted(set(wanted)))
    unknown = [option for option in chosen if option not in OPTIONS]
    if unknown:
        raise ConfigurationError(f"no such option: {', '.join(unknown)} (known: {', '.join(OPTIONS)})")
    return chosen


def bind_options(options: Iterable[str]) -> dict[str, Any]:
    """The variables that ask for these options (`withMessages: true`). The queries leave out the others."""
    return {f"with{''.join(word.capitalize() for word in option.split('_'))}": True for option in options}


def hash_query(options: Iterable[str]) -> str:
    """A hash of the query and its options. A checkpoint keeps it: with another hash it is another walk."""
    return "+".join((load("dossiers_page").hash, *options))


def list_added(known: str | None, options: Iterable[str]) -> set[str]:
    """The options that a walk which remembers `known` did not ask for."""
    return set(options) - set((known or "").split("+")[1:])
