"""Sources: every setting in force, and where it comes from: the file, the environment, a default.

Takes loaded settings and their file. A secret is shown as `set`, never as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from ds_bridge.config.load import ENVIRONMENT_PREFIX, read_toml
from ds_bridge.config.settings import Settings

HIDDEN, EMPTY = "set, not shown", "empty"


@dataclass(frozen=True)
class ShownSetting:
    """A setting: its dotted name, its value as JSON, and `file`, `default` or the variable that gave it."""

    name: str
    value: Any
    source: str


def list_settings(settings: Settings, file: Path | None) -> list[ShownSetting]:
    """All settings, in the order of the sections. Raises ConfigurationError when the file has gone."""
    content = read_toml(file) if file else {}
    return [
        ShownSetting(".".join(path), _show(path, value), _find_source(path, content))
        for path, value in _walk(settings, ())
    ]


def _walk(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, field in type(model).model_fields.items():
        value, place = getattr(model, name), (*path, field.alias or name)
        if isinstance(value, BaseModel):
            yield from _walk(value, place)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, BaseModel):
                    yield from _walk(inner, (*place, key))
                else:
                    yield (*place, key), inner
        else:
            yield place, value


def _show(path: tuple[str, ...], value: Any) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else EMPTY
    if path == ("store", "url"):
        return _hide_password(value)
    if isinstance(value, BaseModel):
        return {key: HIDDEN if key == "hash" else _show((), inner) for key, inner in value}
    if isinstance(value, tuple):
        return [_show((), each) for each in value]
    return str(value) if isinstance(value, Path) else value


def _hide_password(url: str) -> str:
    if "://" not in url or url.startswith("sqlite"):
        return url
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    hidden = f"{user.partition(':')[0]}:…" if ":" in user else user
    return f"{scheme}://{hidden}{at}{urlsplit('//' + place).netloc}{urlsplit('//' + place).path}"


def _find_source(path: tuple[str, ...], content: Mapping[str, Any]) -> str:
    given = {name.upper(): name for name in os.environ}
    for length in range(len(path), 0, -1):
        variable = ENVIRONMENT_PREFIX + "__".join(path[:length]).upper()
        if variable in given:
            return given[variable]
    inner: Any = content
    for part in path:
        if not isinstance(inner, Mapping) or part not in inner:
            return "default"
        inner = inner[part]
    return "file"
