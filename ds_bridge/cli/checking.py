"""The form by which values are checked before a link is made, and the note when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.form import Form
    from ds_bridge.prefill.drafts import Choice

OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Do not ask the platform for the form: values are not checked.")
]
DraftOption = Annotated[
    bool | None,
    typer.Option(
        "--draft/--no-draft",
        help="Always make a draft, or never; by default only when a link would be too long.",
        show_default=False,
    ),
]


def choose_method(draft: bool | None) -> Choice:
    """The method for --draft, --no-draft, or neither."""
    if draft is None:
        return "auto"
    return "draft" if draft else "link"


def find_form(settings: Settings, name: str, *, offline: bool) -> tuple[Form | None, tuple[str, ...]]:
    """The form: from the cache or the platform (asked once), or else as the last sync saw it.

    Raises the errors that a link would meet.
    """
    if offline:
        return None, ("nothing was checked against the form (--offline)",)
    if settings.demarche(name).path is None:
        reason = f"set demarches.{name}.path"
    else:
        from ds_bridge.errors import PlatformUnavailableError, RetriableError
        from ds_bridge.prefill.forms import load_form

        has_token = settings.api.token is not None or settings.api.token_file is not None
        # Nobody should wait for a platform that is down: the link may still be good.
        hasty = settings.model_copy(update={"api": settings.api.model_copy(update={"attempts": 1})})
        try:
            loaded = load_form(hasty, name, use_token=has_token)
        except (RetriableError, PlatformUnavailableError) as error:
            reason = str(error)
        else:
            return loaded.form, loaded.warnings
    kept = _read_kept(settings, name)
    if kept is None:
        return None, (f"nothing was checked against the form: {reason}",)
    return kept, (f"checked against the form as the last sync saw it: {reason}",)


def _read_kept(settings: Settings, name: str) -> Form | None:
    from ds_bridge.errors import StoreError, StoreVersionError
    from ds_bridge.form import read_forms
    from ds_bridge.health.status import open_to_read

    try:
        with open_to_read(settings) as store:
            document = store.read_form(settings.demarche(name).number)
    except (StoreError, StoreVersionError):  # no sync has made a store yet, or none since an upgrade
        return None
    return read_forms(document)[0] if document else None
