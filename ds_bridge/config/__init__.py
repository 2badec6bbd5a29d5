"""Configuration: a TOML file and the environment in, one frozen `Settings` out."""

from __future__ import annotations

from ds_bridge.config.load import (
    CONFIG_VARIABLE,
    ENVIRONMENT_PREFIX,
    FILE_NAME,
    describe_places,
    find_config,
    load_settings,
)
from ds_bridge.config.settings import (
    ApiSettings,
    DemarcheSettings,
    DumpSettings,
    FilesSettings,
    NotifySettings,
    Option,
    PrefillSettings,
    Settings,
    StoreSettings,
    SyncSettings,
    WebKey,
    WebSettings,
)

__all__ = [
    "CONFIG_VARIABLE",
    "ENVIRONMENT_PREFIX",
    "FILE_NAME",
    "ApiSettings",
    "DemarcheSettings",
    "DumpSettings",
    "FilesSettings",
    "NotifySettings",
    "Option",
    "PrefillSettings",
    "Settings",
    "StoreSettings",
    "SyncSettings",
    "WebKey",
    "WebSettings",
    "describe_places",
    "find_config",
    "load_settings",
]
