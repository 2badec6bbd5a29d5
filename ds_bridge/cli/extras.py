"""Optional parts: one clear line when a command needs one that is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from ds_bridge.errors import MissingExtraError

_MODULES = ("fastapi", "fastapi_swagger", "jinja2", "limits", "uvicorn")


def need_web(command: str) -> None:
    """Raise MissingExtraError unless the extra `web` is installed."""
    if any(find_spec(module) is None for module in _MODULES):
        raise MissingExtraError(f"ds-bridge {command}", "web")
