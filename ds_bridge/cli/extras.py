"""Optional parts: one clear line when a command needs one that is not installed."""

from __future__ import annotations

from importlib import util

from ds_bridge.errors import MissingExtraError

_MODULES = {
    "lake": ("deltalake", "obstore", "polars"),
    "web": ("fastapi", "fastapi_swagger", "jinja2", "limits", "uvicorn"),
}


def need_extra(command: str, extra: str) -> None:
    """Raise MissingExtraError unless everything that the command takes from the extra is installed."""
    if any(util.find_spec(module) is None for module in _MODULES[extra]):
        raise MissingExtraError(f"ds-bridge {command}", extra)
