"""Public addresses for programs: the form as JSON, new prefilled drafts (`POST`), and their follow-up.

No token is needed. For its form, the démarche must be open data; for drafts, it must take dossiers.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.dossiers import Draft
from ds_bridge.sandbox.forms import DemarcheForm, Descriptor
from ds_bridge.sandbox.kinds import descriptor_typename
from ds_bridge.sandbox.pages.render import MAX_BODY
from ds_bridge.sandbox.pages.start import OPEN_STATES
from ds_bridge.sandbox.prefill import read_prefill
from ds_bridge.sandbox.public_desk import PublicDesk
from ds_bridge.sandbox.rack import RackError, parse_nested_query
from ds_bridge.sandbox.world import World

_PARIS = ZoneInfo("Europe/Paris")


class _Json(JSONResponse):
    """As the platform sends it."""

    media_type = "application/json; charset=utf-8"


class PublicApi:
    def __init__(self, world: World, desk: PublicDesk) -> None:
        self.world = world
        self.desk = desk
        self.router = APIRouter()
        self.router.add_api_route("/preremplir/{path}/schema", self.describe)
        address = "/api/public/v1/demarches/{number}/dossiers"
        self.router.add_api_route(address, self.create, methods=["POST"])
        self.router.add_api_route(address, self.follow)

    def describe(self, path: str, request: Request) -> Response:
        origin = str(request.base_url).rstrip("/")
        return self.desk.serve("PublicSchema", {"path": path}, lambda: self._describe_form(path, origin))

    async def create(self, number: str, request: Request) -> Response:
        """A prefilled draft from a JSON body of `champ_<id>` and `identite_*` keys."""
        sender = request.client.host if request.client else ""
        body = await request.body()
        return self.desk.serve(
            "CreateDraft", {"number": number}, lambda: self._create(number, request, body), sender=sender
        )

    def follow(self, number: str, request: Request) -> Response:
        """What became of the drafts `prefill_token=a,b` (or `…[]=a`); unknown ones are left out."""
        try:
            tokens = _read_tokens(request.scope["query_string"])
        except RackError as error:
            return _Json({"error": str(error)}, 400)
        asked = {"number": number, "tokens": len(tokens)}
        return self.desk.serve("FollowDrafts", asked, lambda: self._follow(number, tokens, request))

    def _describe_form(self, path: str, origin: str) -> Response:
        form = self.world.form_at(path)
        if form is None or not form.opendata or form.state not in OPEN_STATES:
            return _Json({"error": f"procedure {path} is not found"}, 404)
        # The platform finds a draft démarche, but nobody may read its form.
        return _Json(describe_form(form, origin) if form.is_public else None)

    def _create(self, number: str, request: Request, body: bytes) -> Response:
        if request.headers.get("content-type") != "application/json":
            return _Json({"error": "Content-Type should be json"}, 400)
        form = self._open_form(number)
        if form is None:
            return _Json({"error": f"procedure {number} is not found"}, 404)
        try:
            params = json.loads(body or b"{}") if len(body) <= MAX_BODY else {}
        except ValueError:  # the platform crashes, and shows the page of any crash
            return HTMLResponse("<h1>Erreur 500</h1>", 500)
        if not isinstance(params, dict):
            params = {}
        prefill = read_prefill(
            params,
            form,
            self.world.new_row_id,
            lambda linked: self.world.dossier(linked) is not None,
            self.world.rules,
        )
        draft = self.world.create_draft(form.number, prefill.identity, prefill.values)
        return _Json(self._describe_draft(draft, form, request), 201)

    def _follow(self, number: str, tokens: list[str], request: Request) -> Response:
        form = self._open_form(number)
        if form is None:
            return _Json({"error": f"procedure {number} is not found"}, 404)
        drafts = [draft for token in dict.fromkeys(tokens) if (draft := self.world.draft(token)) is not None]
        mine = sorted(
            (draft for draft in drafts if draft.demarche == form.number and self._is_shown(draft)),
            key=lambda draft: draft.created_at,
        )
        return _Json([self._describe_draft(draft, form, request) for draft in mine])

    def _is_shown(self, draft: Draft) -> bool:
        """Whether the platform still finds the draft: it began prefilled, and its usager has not deleted
        it."""
        if not draft.prefilled or draft.state != "deposited":
            return draft.prefilled
        dossier = self.world.dossier(draft.number)
        return dossier is not None and dossier.hidden_by_user_at is None

    def _open_form(self, number: str) -> DemarcheForm | None:
        form = self.world.form(int(number)) if number.isascii() and number.isdigit() else None
        return form if form is not None and form.state in OPEN_STATES else None

    def _describe_draft(self, draft: Draft, form: DemarcheForm, request: Request) -> dict[str, Any]:
        dossier = self.world.dossier(draft.number)
        if draft.state == "prefilled":
            origin = str(request.base_url).rstrip("/")
            found: dict[str, Any] = {
                "dossier_url": f"{origin}/commencer/{form.path}?prefill_token={draft.token}",
                "state": "prefilled",
            }
        elif dossier is None:
            found = {"state": "brouillon"}
        else:
            found = {
                "state": dossier.state,
                "submitted_at": _write_date(dossier.deposited_at),
                "processed_at": _write_date(dossier.processed_at),
            }
        found |= {
            "dossier_id": encode_typed_id("Dossier", draft.number),
            "dossier_number": draft.number,
            "dossier_prefill_token": draft.token,
        }
        return {key: value for key, value in found.items() if value is not None}


def _read_tokens(query: bytes) -> list[str]:
    given = parse_nested_query(query).get("prefill_token")
    names = given if isinstance(given, list) else [given]
    return [token for name in names if isinstance(name, str) for token in name.split(",")]


def describe_form(form: DemarcheForm, origin: str = "") -> dict[str, Any]:
    """A démarche and its active revision, shaped as the platform's public schema."""
    active = form.active
    return {
        "id": encode_typed_id("Procedure", form.number),
        "number": form.number,
        "title": form.title,
        "description": form.description,
        "state": form.state,
        "declarative": None,
        "dateCreation": _write_date(form.date_creation),
        "datePublication": _write_date(form.date_publication),
        "dateDerniereModification": _write_date(active.date_creation),
        "dateDepublication": None,
        "dateFermeture": None,
        "notice": None,
        "deliberation": None,
        "demarcheURL": f"{origin}/commencer/{form.path}",
        "cadreJuridiqueURL": form.cadre_juridique_url,
        "revision": {
            "id": encode_typed_id("ProcedureRevision", active.number),
            "datePublication": _write_date(active.date_publication),
            "champDescriptors": [_describe_champ(descriptor) for descriptor in active.champs],
            "annotationDescriptors": [_describe_champ(descriptor) for descriptor in active.annotations],
        },
    }


def _describe_champ(descriptor: Descriptor) -> dict[str, Any]:
    described: dict[str, Any] = {
        "__typename": descriptor_typename(descriptor.kind),
        "id": encode_typed_id("Champ", descriptor.stable),
        "label": descriptor.label,
        "description": descriptor.description,
        "required": descriptor.required,
    }
    if descriptor.options is not None:
        described["options"] = list(descriptor.options)
    if descriptor.kind == "drop_down_list":
        described["otherOption"] = descriptor.other_option
    if descriptor.level is not None:
        described["level"] = descriptor.level
    if descriptor.kind == "explication":
        described |= {"collapsibleExplanationEnabled": False, "collapsibleExplanationText": None}
    if descriptor.kind == "piece_justificative":
        described["fileTemplate"] = None
    if descriptor.kind == "repetition":
        described["champDescriptors"] = [_describe_champ(inner) for inner in descriptor.champs]
    return described


def _write_date(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(_PARIS).isoformat(timespec="seconds")
