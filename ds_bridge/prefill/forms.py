"""Forms: takes a démarche of the configuration, gives its form to check values by. A file keeps it.

Stands apart from the rest of `prefill`, since it asks the platform for the public description of the form,
which needs no token. When the platform does not answer, an expired copy serves, and a warning says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import platformdirs

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.errors import (
    ConfigurationError,
    DemarcheClosedError,
    FormNotPublicError,
    NotFoundError,
    PathMovedError,
    PlatformUnavailableError,
    PrefillError,
    RetriableError,
)
from ds_bridge.form import Form

if TYPE_CHECKING:
    from ds_bridge.api.public import PublicClient

_LAYOUT = 1  # of the cache file
_KEPT_FORMS = 32
_kept: dict[tuple[str, int, int], LoadedForm] = {}  # by file, time and size: a service reads each copy once


@dataclass(frozen=True, slots=True)
class LoadedForm:
    """A form, when it was fetched (epoch seconds), and warnings for whoever uses it."""

    form: Form
    fetched_at: float
    warnings: tuple[str, ...] = ()


def load_form(
    settings: Settings,
    name: str,
    *,
    client: PublicClient | None = None,
    use_token: bool = False,
    refresh: bool = False,
    cache_dir: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> LoadedForm:
    """The form of the démarche called `name`, from the cache while it is fresh, else from the platform.

    >>> loaded = load_form(load_settings(), "cra")  # doctest: +SKIP
    >>> check(identity, champs, form=loaded.form).problems  # doctest: +SKIP
    ()

    `refresh` asks the platform in any case. `use_token` takes a form that is not public from the GraphQL API,
    and asks it whether the path is the démarche's own.
    Without an answer an expired copy serves, with a warning; without a copy, RetriableError. Raises the
    errors that a link would meet: PathMovedError, FormNotPublicError, DemarcheClosedError, NotFoundError, and
    ConfigurationError when the path belongs to another démarche.
    """
    demarche = settings.demarche(name)
    if demarche.path is None:
        raise PrefillError(
            f"démarche {name!r} has no path: set demarches.{name}.path, from /commencer/<path>"
        )
    folder = cache_dir or platformdirs.user_cache_path("ds-bridge") / "forms"
    file = folder / _name_file(settings.api.url, demarche.path)
    now, copy = clock(), _read_copy(file)
    lifetime = settings.prefill.form_cache_minutes * 60
    if copy is not None and not refresh and 0 <= now - copy.fetched_at < lifetime:
        return _check_number(copy, demarche, name)
    warnings: list[str] = []
    try:
        document = _fetch(settings, demarche, client, use_token, warnings, hasty=copy is not None)
    except (RetriableError, PlatformUnavailableError) as error:
        if copy is None:
            raise
        age = _describe_age(now - copy.fetched_at)
        warnings.append(f"the form is {age} old: the platform does not answer ({type(error).__name__})")
        return _add(_check_number(copy, demarche, name), warnings)
    except (PathMovedError, FormNotPublicError, DemarcheClosedError, NotFoundError):
        _forget(file)
        raise
    loaded = _check_number(_shape(document, now), demarche, name)
    # A form that is not public is not kept: the next caller must be told again.
    if not document.get("private") and (problem := _write_copy(file, document, now)):
        warnings.append(problem)
    return _add(loaded, warnings)


def _fetch(
    settings: Settings,
    demarche: DemarcheSettings,
    client: PublicClient | None,
    use_token: bool,
    warnings: list[str],
    *,
    hasty: bool,
) -> dict[str, Any]:
    from ds_bridge.api.public import PublicClient  # httpx, which building a link never needs

    path = str(demarche.path)
    try:
        if client is not None:
            return client.form_document(path, number=demarche.number)
        # With a copy at hand, nobody should wait for a platform that is down.
        api = settings.api.model_copy(update={"attempts": 1}) if hasty else settings.api
        with PublicClient(api) as own:
            return own.form_document(path, number=demarche.number)
    except FormNotPublicError:
        if not use_token:
            raise
    from ds_bridge.api.client import Client

    warnings.append(
        "the démarche is not open data: its form is read with the token; links and drafts work all the same"
    )
    with Client(settings.api) as graphql:
        document = graphql.form_document(demarche.number)
        address = graphql.start_address(demarche.number)
    if problem := _compare_path(path, demarche.number, address):
        warnings.append(problem)
    return {
        "private": True,
        "number": document["number"],
        "title": document["title"],
        "state": document.get("state"),
        "revision": document["activeRevision"],
    }


def _compare_path(path: str, number: int, address: str | None) -> str | None:
    """A warning when the platform does not say the path. Raises ConfigurationError for another démarche's."""
    before, _, own = urlsplit(address or "").path.rpartition("/")
    if not own or "commencer" not in before.split("/"):
        return f"nobody says whether the path {path!r} is démarche {number}'s own: open the link once"
    if own != path:
        raise ConfigurationError(
            f"the path {path!r} is not démarche {number}'s, a link would open another one: set it to {own!r}"
        )
    return None


def _shape(document: dict[str, Any], fetched_at: float) -> LoadedForm:
    draft = document.get("state") == "brouillon"
    warnings = ("the démarche is a draft (brouillon): its links are for tests",) if draft else ()
    return LoadedForm(Form.from_schema(document), fetched_at, warnings)


def _add(loaded: LoadedForm, warnings: list[str]) -> LoadedForm:
    return replace(loaded, warnings=(*loaded.warnings, *warnings)) if warnings else loaded


def _check_number(loaded: LoadedForm, demarche: DemarcheSettings, name: str) -> LoadedForm:
    if loaded.form.number != demarche.number:
        raise ConfigurationError(
            f"the path {demarche.path!r} is démarche {loaded.form.number}'s, but demarches.{name}.number is "
            f"{demarche.number}: one of them is wrong"
        )
    return loaded


def _name_file(origin: str, path: str) -> str:
    return hashlib.sha256(f"{origin}\n{path}".encode()).hexdigest()[:32] + ".json"


def _read_copy(file: Path) -> LoadedForm | None:
    """The copy in the file. None when there is no copy, or when it cannot be read."""
    try:
        stat = file.stat()
        key = (str(file), stat.st_mtime_ns, stat.st_size)
        if key in _kept:
            return _kept[key]
        content = json.loads(file.read_bytes())
        if content["layout"] != _LAYOUT:
            return None
        loaded = _shape(content["document"], float(content["fetched_at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ConfigurationError):
        return None
    while len(_kept) >= _KEPT_FORMS:
        _kept.pop(next(iter(_kept)), None)
    _kept[key] = loaded
    return loaded


def _write_copy(file: Path, document: dict[str, Any], fetched_at: float) -> str | None:
    """Write the whole file or nothing, readable by its owner; a warning when the disk refuses."""
    content = {"layout": _LAYOUT, "fetched_at": fetched_at, "document": document}
    temporary = None
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".form-")  # 0600
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False)
        os.replace(temporary, file)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        return f"the form could not be kept for later in {str(file.parent)!r}: {error.strerror}"
    return None


def _forget(file: Path) -> None:
    with contextlib.suppress(OSError):  # a copy that cannot be removed expires by itself
        file.unlink(missing_ok=True)


def _describe_age(seconds: float) -> str:
    minutes = max(0, round(seconds / 60))
    if minutes < 120:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"
