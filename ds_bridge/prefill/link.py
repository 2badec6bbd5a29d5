"""Links: identity and champs in, `GET /commencer/<path>?identite_…&champ_…` out. Last step of the write side.

Every byte that is not a letter, a digit or one of `-._~` is percent-encoded in UTF-8, in keys and in values,
so that Rack on the other side reads back the very same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

from ds_bridge.config import Settings
from ds_bridge.errors import PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId, MalformedIdError, read_reference
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.values import ChampValue, encode_value

MAX_LINK_LENGTH = 2000
"""In characters, the whole URL: what the platform advises and browsers and mail programs let through."""

_IDENTITY_PARAMETERS = ("nom", "prenom", "genre")
_PATH = re.compile(r"[A-Za-z0-9_-]+")


def build_link(
    origin: str,
    path: str,
    identity: Identity | None = None,
    champs: Mapping[str, ChampValue] = {},
    *,
    fields: Mapping[str, str] = {},
    form: Form | None = None,
) -> str:
    """The URL that opens a dossier of the démarche at `path`, prefilled.

    `champs` gives values by champ reference (typed id, stable number, or a label when `form` is given).
    `fields` says which champ each attribute of the identity feeds, by name (`nom`, `email`…); the name, first
    name and civility also go where the platform keeps the applicant's identity. A champ given in both takes
    its value from `champs`. With a `form`, champs it does not have are refused.

    >>> build_link("https://demarche.numerique.gouv.fr", "a-form", Identity(nom="Noël & Cie"))
    'https://demarche.numerique.gouv.fr/commencer/a-form?identite_nom=No%C3%ABl%20%26%20Cie'

    Raises PrefillError, which names the champ and never the value, for what cannot be sent, and for a link
    of more than 2,000 characters.
    """
    base = f"{_check_origin(origin)}/commencer/{_check_path(path)}"
    pairs: dict[str, str] = {}
    if identity is not None:
        pairs.update(_identity_pairs(identity))
        pairs.update(_champ_pairs(_fed_champs(identity, fields), form))
    pairs.update(_champ_pairs(((reference, reference, value) for reference, value in champs.items()), form))
    query = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs.items())
    link = f"{base}?{query}" if query else base
    if len(link) > MAX_LINK_LENGTH:
        raise PrefillError(
            f"the link is {len(link)} characters long and the most is {MAX_LINK_LENGTH}: "
            "send less, or use a draft"
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

    Besides champ references, `champs` takes the names of `[demarches.NAME.champs]`. Raises ConfigurationError
    for an unknown name, PrefillError when the démarche has no `path`.
    """
    demarche = settings.demarche(name)
    if demarche.path is None:
        raise PrefillError(
            f"démarche {name!r} has no path: set demarches.{name}.path, from /commencer/<path>"
        )
    named = {demarche.champs.get(key, key): value for key, value in champs.items()}
    if len(named) < len(champs):
        raise PrefillError("a champ is given twice, by its name and by its reference")
    return build_link(settings.api.url, demarche.path, identity, named, fields=demarche.champs, form=form)


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


def _identity_pairs(identity: Identity) -> Iterator[tuple[str, str]]:
    for attribute in _IDENTITY_PARAMETERS:
        text = encode_value(getattr(identity, attribute), attribute)
        if text is not None:
            yield f"identite_{attribute}", text


def _fed_champs(identity: Identity, fields: Mapping[str, str]) -> Iterator[tuple[str, str, ChampValue]]:
    for attribute in Identity.model_fields:
        if attribute in fields:
            yield attribute, fields[attribute], getattr(identity, attribute)


def _champ_pairs(
    given: Iterator[tuple[str, str, ChampValue]], form: Form | None
) -> Iterator[tuple[str, str]]:
    """Parameters of champs given as (name for messages, reference, value); each champ once."""
    seen: set[str] = set()
    for name, reference, value in given:
        text = encode_value(value, name)
        if text is None:
            continue
        key = f"champ_{_resolve(name, reference, form).encode_for_link()}"
        if key in seen:
            raise PrefillError(f"{name}: this champ is given twice")
        seen.add(key)
        yield key, text


def _resolve(name: str, reference: str, form: Form | None) -> ChampId:
    try:
        champ = read_reference(reference)
    except MalformedIdError as error:
        raise PrefillError(f"{name}: {error}") from None
    if isinstance(champ, str):
        return _find_label(name, champ, form)
    if champ.row is not None:
        raise PrefillError(f"{name}: the id of a champ in a row; give the champ's own id")
    if form is not None and all(field.number != champ.stable for field in form.fields):
        raise PrefillError(f"{name}: the form of démarche {form.number} has no such champ outside its blocks")
    return champ


def _find_label(name: str, label: str, form: Form | None) -> ChampId:
    if form is None:
        raise PrefillError(
            f"{name}: {label!r} is a label, and finding it needs the démarche's form: "
            "give the champ's id (`ds-bridge form` lists them)"
        )
    found = [field for field in form.fields if _simplify(field.label) == _simplify(label)]
    if not found:
        raise PrefillError(f"{name}: the form of démarche {form.number} has no champ labelled {label!r}")
    if len(found) > 1:
        candidates = ", ".join(f"{field.id} (section {field.section!r})" for field in found)
        raise PrefillError(f"{name}: several champs are labelled {label!r}: give an id, one of {candidates}")
    return _number(name, found[0])


def _number(name: str, field: Field) -> ChampId:
    if field.number is None:
        raise PrefillError(f"{name}: this form gives no ids (open data of 2024): use one from the platform")
    return ChampId(field.number)


def _simplify(label: str) -> str:
    return " ".join(label.split()).casefold()
