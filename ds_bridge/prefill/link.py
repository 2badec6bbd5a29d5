"""Links: identity and champs in, `GET /commencer/<path>?identite_…&champ_…` out. Last step of the write side.

Every byte that is not a letter, a digit or one of `-._~` is percent-encoded in UTF-8, in keys and in values,
so that Rack on the other side reads back the very same text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ds_bridge.errors import LinkTooLongError, PrefillError
from ds_bridge.form import Form
from ds_bridge.prefill.check import check
from ds_bridge.prefill.checked import Checked
from ds_bridge.prefill.encode import encode_params
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.values import ChampValue

if TYPE_CHECKING:
    from ds_bridge.config import Settings  # a link alone needs no configuration, which is long to load

MAX_LINK_LENGTH = 2000
"""The longest URL, in characters: the platform advises it, and browsers and mail programs accept it."""

_PATH = re.compile(r"[A-Za-z0-9_-]+")


def build_link(
    origin: str,
    path: str,
    identity: Identity | None = None,
    champs: Mapping[str, ChampValue] = {},
    *,
    fields: Mapping[str, str] = {},
    form: Form | None = None,
    indexed_rows: bool = True,
) -> str:
    """The URL that opens a dossier of the démarche at `path`, prefilled.

    `identity`, `champs`, `fields` and `form` are those of `check`: values by champ reference, and the champ
    that each attribute of the identity feeds. With a `form`, every value is checked by it.

    >>> build_link("https://demarche.numerique.gouv.fr", "a-form", Identity(nom="Noël & Cie"))
    'https://demarche.numerique.gouv.fr/commencer/a-form?identite_nom=No%C3%ABl%20%26%20Cie'

    Raises PrefillError when a value cannot be sent: it names the champs and never their values. Raises
    DraftNeededError when only a draft can carry the values: LinkTooLongError for a link of more than 2,000
    characters, or a list inside rows when the instance takes no `indexed_rows`.
    """
    return link_to(origin, path, check(identity, champs, fields=fields, form=form), indexed_rows=indexed_rows)


def link_to(origin: str, path: str, checked: Checked, *, indexed_rows: bool = True) -> str:
    """The URL for values already checked. Raises as `build_link` does.

    >>> link_to("https://demarche.numerique.gouv.fr", "a-form", check(None, {"12": 4211}))
    'https://demarche.numerique.gouv.fr/commencer/a-form?champ_Q2hhbXAtMTI=4211'
    """
    base = _join(origin, path)
    query = encode_params(checked, indexed_rows=indexed_rows)
    link = f"{base}?{query}" if query else base
    if len(link) > MAX_LINK_LENGTH:
        raise LinkTooLongError(
            f"the link is {len(link)} characters long and the most is {MAX_LINK_LENGTH}: "
            "send less, or use a draft",
            length=len(link),
        )
    return link


def build_configured_link(
    settings: Settings,
    name: str,
    identity: Identity | None = None,
    champs: Mapping[str, ChampValue] = {},
    *,
    form: Form | None = None,
) -> str:
    """`build_link` for the démarche called `name` in the configuration.

    With a `form` (`load_form`), the champs are those that the démarche's model finds on it, as mapping does;
    `[demarches.NAME.champs]` overrides them. Without a form, only that section is known. `champs` takes champ
    references, and the names of the model and of that section.

    >>> from ds_bridge import Settings
    >>> settings = Settings(demarches={"cra": {"number": 5, "path": "cra", "champs": {"temps": "12"}}})
    >>> build_configured_link(settings, "cra", champs={"temps": 4})
    'https://demarche.numerique.gouv.fr/commencer/cra?champ_Q2hhbXAtMTI=4'

    Raises ConfigurationError for an unknown name, PrefillError when the démarche has no `path` or no champ is
    known to take a value.
    """
    from ds_bridge.prefill.feeds import check_configured  # the configuration, which is long to load

    demarche = settings.demarche(name)
    if demarche.path is None:
        raise PrefillError(
            f"démarche {name!r} has no path: set demarches.{name}.path, from /commencer/<path>"
        )
    checked = check_configured(settings, name, identity, champs, form=form)
    return link_to(settings.api.url, demarche.path, checked, indexed_rows=settings.prefill.indexed_rows)


@lru_cache(maxsize=256)
def _join(origin: str, path: str) -> str:
    return f"{_check_origin(origin)}/commencer/{_check_path(path)}"


def _check_origin(origin: str) -> str:
    parts = urlsplit(origin)
    rest = (parts.path.strip("/"), parts.query, parts.fragment, parts.username, parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(rest):
        raise PrefillError(
            "the platform's address must be a scheme and a host, like https://demarche.example"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _check_path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise PrefillError(
            f"{path!r} is not a démarche's path: letters, digits, - and _, as in /commencer/<path>"
        )
    return path
