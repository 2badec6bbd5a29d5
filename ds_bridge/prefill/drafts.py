"""Drafts: takes checked values, gives a dossier that waits five days for its person; or a link, when it fits.

A draft is asked for once. The request is sent again only when it certainly did not arrive (connection
refused, HTTP 429). Any other silence is a DraftOutcomeUnknownError, since asking again could make a second
dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.errors import DraftNeededError, PrefillError
from ds_bridge.form import Form
from ds_bridge.prefill.checked import Checked
from ds_bridge.prefill.encode import draft_body
from ds_bridge.prefill.feeds import check_configured
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.link import MAX_LINK_LENGTH, link_to
from ds_bridge.prefill.values import ChampValue

if TYPE_CHECKING:
    from ds_bridge.api.public import PublicClient

Method: TypeAlias = Literal["link", "draft"]
Choice: TypeAlias = Literal["auto", "link", "draft"]
ClientSource: TypeAlias = "PublicClient | Callable[[], PublicClient] | None"
"""A client, or a function that gives one: it is called only when a draft is about to be made."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that the platform made. Whoever has its address and token can open it: neither is printed."""

    url: str = field(repr=False)
    number: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to open: a link, or a draft (then with its dossier's number and token). Prints without either.

    `length` is the URL's; `omitted` names the values that were empty; `warnings` are for the caller.
    """

    url: str = field(repr=False)
    method: Method
    length: int
    omitted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    number: int | None = None
    token: str | None = field(default=None, repr=False)


def create_draft(client: PublicClient, demarche: int, checked: Checked) -> Draft:
    """Make a draft of the démarche with this number from what `check` gave.

    >>> create_draft(client, 82349, check(Identity(nom="Noël"), {}))  # doctest: +SKIP
    Draft(number=17204311)

    Waits so as to keep to the platform's 15 drafts in 15 seconds. Raises PrefillError for values with
    problems, DemarcheClosedError, and DraftOutcomeUnknownError when the request was sent and no answer says
    what became of it: the caller then decides whether to ask again.
    """
    made = client.create_draft(demarche, draft_body(checked))
    return Draft(str(made["dossier_url"]), int(made["dossier_number"]), str(made["dossier_prefill_token"]))


def prepare(
    settings: Settings,
    name: str,
    identity: Identity | None = None,
    champs: Mapping[str, ChampValue] = {},
    *,
    form: Form | None = None,
    client: ClientSource = None,
    method: Choice = "auto",
) -> Prepared:
    """A link for the démarche called `name` in the configuration, or a draft when a link is not possible.

    `method` "auto" makes a draft when the link would pass 2,000 characters, or when a row holds a list and
    the instance does not read indexed rows; a warning says so. `client` is used for drafts: share one to make
    many, since it keeps to the platform's limit. Champs are found as `build_configured_link` finds them.
    Raises PrefillError listing every problem of the values, before anything is asked of the platform.
    """
    checked = check_configured(settings, name, identity, champs, form=form)
    return prepare_checked(settings, name, checked, client=client, method=method)


def prepare_checked(
    settings: Settings,
    name: str,
    checked: Checked,
    *,
    client: ClientSource = None,
    method: Choice = "auto",
) -> Prepared:
    """`prepare` for values already checked."""
    demarche = settings.demarche(name)
    if checked.problems:  # before anything is opened or asked for
        raise PrefillError(checked.describe_problems(), problems=tuple(map(str, checked.problems)))
    reason: tuple[str, ...] = ()
    if method != "draft":
        try:
            return _prepare_link(settings, name, demarche, checked)
        except DraftNeededError as error:
            if method == "link":
                raise
            reason = (_explain(error),)
    draft = _create(settings, demarche.number, checked, client)
    return Prepared(
        draft.url, "draft", len(draft.url), checked.omitted, (*checked.warnings, *reason),
        draft.number, draft.token,
    )  # fmt: skip


def _prepare_link(settings: Settings, name: str, demarche: DemarcheSettings, checked: Checked) -> Prepared:
    if demarche.path is None:
        raise PrefillError(
            f"démarche {name!r} has no path: set demarches.{name}.path, from /commencer/<path>"
        )
    url = link_to(settings.api.url, demarche.path, checked, indexed_rows=settings.prefill.indexed_rows)
    return Prepared(url, "link", len(url), checked.omitted, checked.warnings)


def _create(settings: Settings, number: int, checked: Checked, client: ClientSource) -> Draft:
    if client is not None:
        return create_draft(client() if callable(client) else client, number, checked)
    from ds_bridge.api.public import PublicClient  # httpx, which building a link never needs

    with PublicClient(settings.api) as own:
        return create_draft(own, number, checked)


def _explain(error: DraftNeededError) -> str:
    length = getattr(error, "length", None)
    if length is not None:
        return f"a draft, since the link would be {length} characters long (the most is {MAX_LINK_LENGTH})"
    return "a draft, since a list inside rows cannot travel in a link to this instance"
