"""Links: checks whether a prefilled link of this démarche works, and which configured champs it can carry.

An old path redirects, and then every value is lost. The platform silently drops a champ that is not on the
form, or whose kind it never prefills. So this check tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ds_bridge.api.public import PublicClient
from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import (
    ConfigurationError,
    DemarcheClosedError,
    DraftDemarcheError,
    DsBridgeError,
    FormNotPublicError,
    NotFoundError,
    PathMovedError,
)
from ds_bridge.form import Form
from ds_bridge.health.doctor.findings import CONFIGURATION, Finding, fail
from ds_bridge.prefill.check import IDENTITY_PARAMETERS
from ds_bridge.prefill.feeds import find_feeds
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.kinds import NOT_PREFILLABLE
from ds_bridge.prefill.references import find_target, scope_of
from ds_bridge.prefill.refusals import RefusedValueError

CHECK = "prefill"


def check_links(
    name: str, demarche: DemarcheSettings, client: PublicClient, document: dict[str, Any] | None
) -> Iterator[Finding]:
    """Check the path, open data, and the configured champs. `document`: the form as the token sees it."""
    if demarche.path is None:
        yield Finding(CHECK, "ok", "no path: no link is made for this démarche", subject=name)
        return
    form = _read_form(document)
    try:
        public = client.form_document(demarche.path, number=demarche.number)
        form = Form.from_schema(public)
    except PathMovedError as error:
        yield fail(CHECK, error, f'set demarches.{name}.path = "{error.path}"', name)
    except DemarcheClosedError as error:
        yield Finding(CHECK, "warning", str(error), "no link can open a dossier; syncing goes on", name)
    except DraftDemarcheError:
        yield Finding(CHECK, "warning", "the démarche is a draft: its links are for tests", "", name)
    except FormNotPublicError as error:
        yield fail(
            CHECK,
            error,
            "links and drafts work, if the path is its own; its administrators can make it open data",
            name,
        )
    except NotFoundError as error:
        yield fail(CHECK, error, "copy the path from /commencer/<path> as the platform shows it today", name)
    except DsBridgeError as error:
        yield fail(CHECK, error, subject=name)
    else:
        yield from _tell_path(name, demarche, public, form)
    if form is not None:
        yield from _check_champs(name, demarche, form)
        yield from _check_identity(name, demarche, form)


def _read_form(document: dict[str, Any] | None) -> Form | None:
    if document is None:
        return None
    try:
        return Form.from_revision(document["number"], document["title"], document["activeRevision"])
    except (KeyError, TypeError, ConfigurationError):
        return None  # the check of the form tells it


def _tell_path(
    name: str, demarche: DemarcheSettings, public: dict[str, Any], form: Form
) -> Iterator[Finding]:
    if form.number != demarche.number:
        yield Finding(
            CHECK,
            "failure",
            f"the path {demarche.path!r} is that of démarche {form.number}, not {demarche.number}",
            f"correct demarches.{name}.path or demarches.{name}.number",
            name,
            code=CONFIGURATION,
        )
    elif public.get("state") == "brouillon":
        yield Finding(CHECK, "warning", "the démarche is a draft: its links are for tests", "", name)
    else:
        yield Finding(CHECK, "ok", "the path is the current one, and the form is open data", "", name)


def _check_champs(name: str, demarche: DemarcheSettings, form: Form) -> Iterator[Finding]:
    top = scope_of(form)
    good = 0
    for key, reference in demarche.champs.items():
        outer, _, inner = key.partition(".")
        try:
            if not inner:
                field = find_target(reference, top).field
            else:
                block = find_target(demarche.champs.get(outer, outer), top).scope
                field = find_target(reference, block).field if block is not None else None
        except RefusedValueError as error:
            # When only the model names a block, mapping finds it.
            if not inner or outer in demarche.champs:
                yield Finding(
                    CHECK, "failure", str(error), "ds-bridge form shows what there is", name, key,
                    code=CONFIGURATION,
                )  # fmt: skip
            continue
        if field is not None and field.kind in NOT_PREFILLABLE:
            yield Finding(
                CHECK,
                "warning",
                f'"{field.label.strip()}" is of a kind the platform never prefills ({field.kind})',
                "no link or draft can carry it",
                name,
                key,
            )
        else:
            good += 1
    if good:
        yield Finding(
            CHECK, "ok", f"{good} of {len(demarche.champs)} configured champs can be prefilled", "", name
        )


def _check_identity(name: str, demarche: DemarcheSettings, form: Form) -> Iterator[Finding]:
    """Tell which attributes of a person a link carries. A démarche that takes none of them is not about
    people."""
    try:
        feeds = find_feeds(name, demarche, form)
    except ConfigurationError:
        return  # a model that does not load: the check of the configuration tells it
    carried = [attribute for attribute in Identity.model_fields if attribute in feeds.fields]
    if not carried:
        return
    yield Finding(CHECK, "ok", f"a link carries {', '.join(carried)}", "", name)
    for attribute, reason in feeds.missing.items():
        if attribute not in IDENTITY_PARAMETERS:
            yield Finding(CHECK, "warning", f"no link carries {attribute}: {reason}", "", name, attribute)
