"""Load: a TOML file and the environment in, one frozen `Settings` out.

The file is `--config`, else `$DS_BRIDGE_CONFIG`, else `./ds-bridge.toml`, else the user's configuration
folder. `DS_BRIDGE_` + path with `__` overrides it (`DS_BRIDGE_API__TOKEN`). Relative paths of the file are
relative to its folder. Anything wrong is one ConfigurationError that names the key and never the value.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, get_args

import platformdirs
from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from ds_bridge.config.settings import DemarcheSettings, Settings, suggest
from ds_bridge.errors import ConfigurationError

ENVIRONMENT_PREFIX = "DS_BRIDGE_"
CONFIG_VARIABLE = "DS_BRIDGE_CONFIG"
FILE_NAME = "ds-bridge.toml"

# Settings of earlier versions, and why they went.
_GONE = {"sync.mapping_process": "a run maps its pages itself"}


def load_settings(path: Path | None = None) -> Settings:
    """Find, read and check the configuration.

    Raises ConfigurationError for a named file that does not exist, TOML that does not parse, unknown keys and
    wrong types.
    """
    file = find_config(path)
    content = read_toml(file) if file else {}
    _anchor_paths(content, file)
    try:
        return _override(content) if _check_environment() else Settings(**content)
    except ValidationError as error:
        raise ConfigurationError(_describe(error, file)) from None


def find_config(path: Path | None = None) -> Path | None:
    """The configuration file to read. None when no file was named and none is in the usual places."""
    named = path or (Path(value) if (value := os.environ.get(CONFIG_VARIABLE)) else None)
    if named is not None:
        # Not Path.exists: what this user may not look for is not there. A pipe is allowed: --config <(…)
        if not os.path.exists(named) or os.path.isdir(named):
            raise ConfigurationError(f"no configuration file at {str(named)!r}")
        return named
    return next((candidate for candidate in _list_candidates() if os.path.isfile(candidate)), None)


def describe_places() -> str:
    """The places where a configuration is looked for, in words, for somebody whose file was not found."""
    places = " and ".join(repr(str(candidate.absolute())) for candidate in _list_candidates())
    return f"looked for --config FILE, ${CONFIG_VARIABLE}, {places}"


def _list_candidates() -> tuple[Path, Path]:
    return Path(FILE_NAME), platformdirs.user_config_path("ds-bridge") / FILE_NAME


def read_toml(file: Path) -> dict[str, Any]:
    """The file's content. Raises ConfigurationError when it is no TOML, or cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: not UTF-8 text") from None
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None


def _anchor_paths(content: dict[str, Any], file: Path | None) -> None:
    if file is None:
        return
    folder = file.resolve().parent if file.is_file() else Path.cwd()  # a pipe has no folder
    api, store, dump = content.get("api"), content.get("store"), content.get("dump")
    if isinstance(api, dict) and isinstance(api.get("token_file"), str):
        api["token_file"] = folder / Path(api["token_file"]).expanduser()
    if isinstance(dump, dict) and isinstance(dump.get("pseudonym_key_file"), str):
        dump["pseudonym_key_file"] = folder / Path(dump["pseudonym_key_file"]).expanduser()
    if isinstance(store, dict) and isinstance(url := store.get("url"), str) and url.startswith("sqlite:///"):
        store["url"] = f"sqlite:///{folder / Path(url.removeprefix('sqlite:///')).expanduser()}"


def _check_environment() -> bool:
    """Whether the environment has a setting. Raises ConfigurationError for a variable that names none."""
    found = False
    for variable in os.environ:
        # Upper or lower case: what reads the variables accepts both.
        if not variable.upper().startswith(ENVIRONMENT_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        section = variable[len(ENVIRONMENT_PREFIX) :].split("__")[0].lower()
        if section not in Settings.model_fields:
            near = suggest(section, Settings.model_fields)
            raise ConfigurationError(f"unknown setting in the environment variable {variable}{near}")
        found = True
    return found


def _describe(error: ValidationError, file: Path | None) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in problem["loc"]]
        name = ".".join(path)
        source = _source_of(path, file)
        if name in _GONE:
            lines.append(f"setting {name!r} {source} is gone, {_GONE[name]}: remove it")
        elif problem["type"] == "extra_forbidden":
            lines.append(f"unknown setting {name!r} {source}{suggest(path[-1], _known_keys(path[:-1]))}")
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            lines.append(f"setting {name!r} {source}: {reason}")
    return "; ".join(lines)


def _source_of(path: list[str], file: Path | None) -> str:
    variable = ENVIRONMENT_PREFIX + "__".join(path).upper()
    given = {name.upper() for name in os.environ}
    if file is None or any(name == variable or name.startswith(f"{variable}__") for name in given):
        return f"(environment variable {variable})"
    return f"in {file}"


def _known_keys(path: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(part)
        if field is None:
            return list(model.model_fields) if model is DemarcheSettings else []
        annotation = field.annotation
        inner = get_args(annotation)[1] if get_args(annotation)[:1] == (str,) else annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)


class _OverriddenSettings(BaseSettings, Settings):
    """Settings that look into the environment when they are made."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which comes in as init values."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def _override(content: dict[str, Any]) -> Settings:
    """The settings of a file, overridden. Raises ConfigurationError, and pydantic's ValidationError."""
    if not content.keys() <= Settings.model_fields.keys():
        return Settings(**content)  # may raise: pydantic-settings takes some of these for its own options
    try:
        made = _OverriddenSettings(**content)
    except SettingsError:
        raise ConfigurationError(
            "an environment variable that names a whole section must hold JSON; "
            "name the setting instead, as DS_BRIDGE_API__TOKEN does"
        ) from None
    return Settings.model_construct(made.model_fields_set, **dict(made))
