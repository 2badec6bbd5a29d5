"""Environment: settings of which `DS_BRIDGE_…` variables say some, over what the file says.

Loaded where there is such a variable: pydantic-settings takes as long to load as a link to make.
"""

from __future__ import annotations

from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from ds_bridge.config import ENVIRONMENT_PREFIX, Settings
from ds_bridge.errors import ConfigurationError


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


def override(content: dict[str, Any]) -> Settings:
    """The settings of a file, overridden. Raises ConfigurationError, and pydantic's ValidationError."""
    if not content.keys() <= Settings.model_fields.keys():
        return Settings(**content)  # raises: pydantic-settings would take some of these for its own options
    try:
        made = _OverriddenSettings(**content)
    except SettingsError:
        raise ConfigurationError(
            "an environment variable that names a whole section must hold JSON; "
            "name the setting instead, as DS_BRIDGE_API__TOKEN does"
        ) from None
    return Settings.model_construct(made.model_fields_set, **dict(made))
