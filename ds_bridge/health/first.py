"""First: takes a démarche's address, gives the text of a first configuration.

The address of `/commencer/<path>` is enough when the form is open data. Else the number and a token are
needed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ds_bridge.config import ApiSettings
from ds_bridge.errors import (
    ConfigurationError,
    FormNotPublicError,
    MappingError,
    NotFoundError,
    PathMovedError,
    StoreError,
)
from ds_bridge.form import Form, read_forms
from ds_bridge.ids import read_demarche
from ds_bridge.log import show_line
from ds_bridge.mapping import make_plan

KNOWN_MODELS = ("ds_bridge.cra:CompteRendu",)

_TRIES = 2
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_PATH = re.compile(r"/(?:commencer|preremplir)(?:/test)?/([A-Za-z0-9_-]+)/?")


@dataclass(frozen=True)
class Target:
    """What was asked for: a path or a number, at an instance."""

    api: ApiSettings
    path: str | None
    number: int | None
    name: str | None


@dataclass(frozen=True)
class Found:
    """The démarche, as the configuration will name it."""

    url: str
    number: int
    title: str
    name: str
    path: str | None
    model: str | None
    warnings: tuple[str, ...] = ()


def read_address(address: str, name: str | None, api: ApiSettings) -> Target:
    """What the address names. For a number alone, `api` gives the instance and the token.

    Raises ConfigurationError for a text that is neither an address of a form nor a number.
    """
    if name is not None and not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"--name {name!r}: small letters, digits and _, a letter first: commands and views use it"
        )
    number = read_demarche(address)
    if number is not None:
        return Target(api, None, number, name)
    parts = urlsplit(address.strip())
    match = _PATH.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or not parts.hostname or match is None:
        raise ConfigurationError(
            f"{address!r} is no démarche's address: give https://…/commencer/<path> as a browser shows it, or"
            " the démarche's number"
        )
    try:
        instance = ApiSettings.model_validate(
            {"url": f"{parts.scheme}://{parts.netloc}", "timeout_seconds": api.timeout_seconds}
        )
    except ValueError:
        raise ConfigurationError(f"{address!r}: {parts.netloc!r} is no host") from None
    return Target(instance, match[1], None, name)


def find_demarche(target: Target) -> Found:
    """Ask the platform for the démarche. Raises its error, with what to do."""
    api = target.api.model_copy(update={"attempts": _TRIES})
    if target.number is not None:
        return _find_by_number(api, target.number, target.name)
    return _find_by_path(api, str(target.path), target.name)


def _find_by_number(api: ApiSettings, number: int, name: str | None) -> Found:
    from ds_bridge.api.client import Client

    with Client(api) as client:
        form, _ = read_forms(client.form_document(number))
    return _describe_form(api, form, None, name, ())


def _find_by_path(api: ApiSettings, path: str, name: str | None) -> Found:
    from ds_bridge.api.public import PublicClient

    warnings: tuple[str, ...] = ()
    with PublicClient(api) as client:
        try:
            form = client.form(path)
        except PathMovedError as error:
            warnings = (
                f"{path!r} is an old path, on which a link loses its values: {error.path!r} is written",
            )
            path = error.path
            form = client.form(path)
        except (FormNotPublicError, NotFoundError) as error:
            raise NotFoundError(
                f"{error}: give its number and a token instead: DS_BRIDGE_API__TOKEN=… ds-bridge init NUMBER"
            ) from None
    return _describe_form(api, form, path, name, warnings)


def _describe_form(
    api: ApiSettings, form: Form, path: str | None, name: str | None, warnings: tuple[str, ...]
) -> Found:
    model = _find_model(form)
    chosen = name or ("cra" if model else _make_name(form.title, form.number))
    return Found(api.url, form.number, form.title, chosen, path, model, warnings)


def _find_model(form: Form) -> str | None:
    """The first known model whose every field is on the form."""
    for model in KNOWN_MODELS:
        try:
            make_plan(model, {}, form, ())
        except MappingError:
            continue
        return model
    return None


def _make_name(title: str, number: int) -> str:
    """The title's first words, as a name that commands and SQL can take."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.findall(r"[a-z0-9]+", ascii_title) if len(word) > 2]
    name = "_".join(words[:3])[:30].strip("_")
    return name if _NAME.fullmatch(name) else f"demarche_{number}"


def describe(found: Found) -> str:
    """The file's text."""
    lines = [
        "# ds-bridge: a first configuration. Every setting: config.example.toml, docs/configuration.md.",
        "# The token stays out of this file: DS_BRIDGE_API__TOKEN in the environment, or token_file below.",
        "",
        "[api]",
        f"url = {_quote(found.url)}",
        '# token_file = "token"          # a file that holds the token alone, mode 0600',
        "",
        "[store]",
        'url = "sqlite:///ds-bridge.db"   # beside this file; or postgresql+psycopg://user@host/database',
        "",
        f"[demarches.{found.name}]             # {_write_comment(found.title)}",
        f"number = {found.number}",
        f"path = {_quote(found.path)}   # of /commencer/<path>"
        if found.path
        else '# path = "…"                   # of /commencer/<path>: links need it',
    ]
    if found.model:
        lines.append(f"model = {_quote(found.model)}")
    else:
        lines += [
            "# Without a model every champ is stored as it came. A typed model of this form is written by",
            f"# ds-bridge model {found.name} -o {found.name}.py, which says the line to put here.",
        ]
    return "\n".join(lines) + "\n"


def write_new(file: Path, text: str) -> None:
    """Write a new private file. Raises ConfigurationError when it exists, StoreError when it cannot be
    written."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{str(file)!r} is there already: give another file with -o") from None
    except OSError as error:
        raise StoreError(f"{str(file)!r} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def _write_comment(text: str) -> str:
    """The text as the end of a comment: TOML allows no control character there."""
    return show_line(" ".join(text.split()))


def _quote(text: str | None) -> str:
    return f'"{text}"'
