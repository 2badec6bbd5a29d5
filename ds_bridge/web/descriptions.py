"""`GET /v1/demarches/{name}/form`: gives the champs that a caller can prefill, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Field
from ds_bridge.prefill.feeds import find_feeds
from ds_bridge.prefill.kinds import read_kind
from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.web.answers import ChampAnswer, FormAnswer
from ds_bridge.web.forms import SourcedForm
from ds_bridge.web.openapi import declare
from ds_bridge.web.outside import read_kept_form
from ds_bridge.web.problems import unavailable
from ds_bridge.web.routes import KeyedRoute
from ds_bridge.web.service import Service
from ds_bridge.web.tagged import A_MINUTE, NOT_MODIFIED, answer_tagged

router = APIRouter(route_class=KeyedRoute, tags=["prefill"])


@router.get(
    "/v1/demarches/{name}/form",
    operation_id="readForm",
    summary="Describe the form",
    response_model=FormAnswer,
    responses={**NOT_MODIFIED, **declare(401, 403, 404, 409, 429, 500, 503)},
)
def read_form(name: str, request: Request) -> Response:
    """The démarche's champs in order, each with its name in the configuration.

    They come from the public form, kept for a while; when the platform does not answer, from the form that
    the last sync kept.
    """
    service: Service = request.app.state.service
    found = _find_form(service, name)
    if found is None:
        raise unavailable("The form could not be fetched yet.")
    names = find_feeds(name, service.settings.demarche(name), found.form).name_champs()
    answer = FormAnswer(
        number=found.form.number,
        title=found.form.title,
        source=found.source,
        champs=[_describe(field, names) for field in found.form.fields],
    )
    return answer_tagged(request, answer.model_dump_json().encode(), A_MINUTE)


def _find_form(service: Service, name: str) -> SourcedForm | None:
    """A form that is closed or not public can still be described, from the store."""
    try:
        return service.forms.get(name)
    except ConfigurationError:
        kept = read_kept_form(service.settings, service.stores, name)
        if kept is None:
            raise
        return kept


def _describe(field: Field, names: Mapping[int | str, list[str]]) -> ChampAnswer:
    by_number = [] if field.number is None else names.get(field.number, [])
    return ChampAnswer(
        id=field.id,
        number=field.number,
        names=[*by_number, *names.get(field.label, [])],
        kind=field.kind,
        label=field.label,
        description=field.description,
        section=field.section,
        required=field.required,
        prefillable=_is_prefillable(field),
        options=None if field.options is None else list(field.options),
        other_option=field.other_option,
        champs=[_describe(inner, names) for inner in field.fields],
    )


def _is_prefillable(field: Field) -> bool:
    """Ask the check of values, so that the description and the check cannot differ."""
    if field.kind == "repetition":
        return True
    try:
        read_kind(field, "", [])
    except RefusedValueError as refusal:
        return refusal.code != "not_prefillable"
    return True
