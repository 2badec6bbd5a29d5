"""Formats: the packages that each format of a report needs, and the error when they are not installed."""

from __future__ import annotations

from importlib.util import find_spec

from ds_bridge.errors import ConfigurationError, MissingExtraError

FORMATS: dict[str, tuple[str, ...]] = {
    "json": (),
    "pdf": ("altair", "vl_convert", "typst"),
    "html": ("altair", "vl_convert", "jinja2"),
}
"""By format, the modules of the extra `report` that it needs."""


def is_installed(form: str) -> bool:
    """Whether everything that a format needs is installed."""
    return all(find_spec(module) is not None for module in FORMATS[form])


def need_extra(form: str) -> None:
    """Raise ConfigurationError for an unknown format, or when its modules are not installed."""
    if form not in FORMATS:
        raise ConfigurationError(f"no report format {form!r} (known: {', '.join(FORMATS)})")
    if not is_installed(form):
        raise MissingExtraError(f"a report as {form} (json needs none)", "report")
