"""Start: the list of démarches, and `/commencer/<path>`, where a prefilled link becomes a draft."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from ds_bridge.sandbox.dossiers import Draft, Identity
from ds_bridge.sandbox.forms import TITLE_KINDS, DemarcheForm
from ds_bridge.sandbox.pages.render import FOLDER, go_to, render, render_message
from ds_bridge.sandbox.prefill import asks_for_prefill, read_prefill
from ds_bridge.sandbox.rack import Params, RackError, parse_nested_query
from ds_bridge.sandbox.world import World

COOKIE = "bac_a_sable_preremplissage"
OPEN_STATES = ("publiee", "brouillon")
_SECONDS_A_CHAMP = 15
_USUAL_ROWS = 2


class StartPages:
    def __init__(self, world: World) -> None:
        self.world = world
        self.router = APIRouter()
        self.router.add_api_route("/", self.show_index)
        self.router.add_api_route("/bac-a-sable/{name}", self.send_file)
        self.router.add_api_route("/commencer/{path}", self.show_start)
        self.router.add_api_route("/commencer/{path}", self.start_by_hand, methods=["POST"])
        self.router.add_api_route("/fermeture/{path}", self.show_closed)

    def show_index(self, request: Request) -> Response:
        forms = [demarche.form for demarche in self.world.demarches.values()]
        return render("index.html", forms=forms, api_url=f"{_origin(request)}/api/v2/graphql")

    def send_file(self, name: str) -> Response:
        if name not in ("pages.css", "pages.js"):
            return render_message("Page introuvable", "Cette page n’existe pas.", 404)
        return FileResponse(FOLDER / name, headers={"Cache-Control": "no-cache"})

    def show_start(self, path: str, request: Request) -> Response:
        """The démarche's front page. Parameters make a prefilled draft; the same parameters find it again."""
        try:
            params = parse_nested_query(request.scope["query_string"])
        except RackError as error:
            return render_message(
                "Adresse illisible", f"Les paramètres du lien sont mal formés : {error}.", 400
            )
        form = self.world.form_at(path)
        if form is None:
            return self._redirect_or_miss(path, params)
        if form.state not in OPEN_STATES:
            return RedirectResponse(f"/fermeture/{path}", 302)
        digest = _digest(params)
        draft, missing = self._find_draft(form, params, request.cookies.get(COOKIE), digest)
        if missing:
            return render_message(
                "Dossier prérempli introuvable",
                "Ce dossier prérempli n’existe pas ou n’existe plus.",
                404,
            )
        answer = render("commencer.html", form=form, draft=draft, minutes=estimate_minutes(form))
        if draft is not None:
            answer.set_cookie(
                COOKIE, f"{draft.token}.{digest}", path=f"/commencer/{path}", httponly=True, samesite="lax"
            )
        return answer

    def show_closed(self, path: str) -> Response:
        form = self.world.form_at(path)
        if form is None or form.state in OPEN_STATES:
            return RedirectResponse("/", 302)
        return _say_closed(form)

    def start_by_hand(self, path: str) -> Response:
        form = self.world.form_at(path)
        if form is None:
            return self._redirect_or_miss(path, {})
        if form.state not in OPEN_STATES:
            return RedirectResponse(f"/fermeture/{path}", 302)
        draft = self.world.create_draft(form.number, Identity(), {}, prefilled=False)
        return go_to(f"/dossiers/{draft.token}/identite")

    def _find_draft(
        self, form: DemarcheForm, params: Params, cookie: str | None, digest: str
    ) -> tuple[Draft | None, bool]:
        """The draft of this visit, and whether the visit named a draft that is gone."""
        named = params.get("prefill_token")
        if named:
            draft = self.world.draft(named) if isinstance(named, str) else None
            return draft, draft is None or draft.demarche != form.number or draft.state == "deposited"
        token, _, known_digest = (cookie or "").partition(".")
        reloaded = self.world.draft(token) if known_digest == digest else None
        if reloaded is not None and reloaded.state != "deposited":
            return reloaded, False
        if not asks_for_prefill(params):
            return None, False
        prefill = read_prefill(
            params,
            form,
            self.world.new_row_id,
            lambda number: self.world.dossier(number) is not None,
            self.world.rules,
        )
        return self.world.create_draft(form.number, prefill.identity, prefill.values), False

    def _redirect_or_miss(self, path: str, params: Params) -> Response:
        current = self.world.is_old_path(path)
        if current is None:
            return RedirectResponse("/", 302)
        # As on the platform, the values of the link are lost; only the token of a draft stays.
        token = params.get("prefill_token")
        kept = f"?prefill_token={token}" if isinstance(token, str) and token.isalnum() else ""
        return RedirectResponse(f"/commencer/{current}{kept}", 301)


def estimate_minutes(form: DemarcheForm) -> int:
    """About how long the form takes to fill, in minutes."""
    champs = 0
    for descriptor in form.active.champs:
        if descriptor.kind == "repetition":
            champs += _USUAL_ROWS * len(descriptor.champs)
        elif descriptor.kind not in TITLE_KINDS:
            champs += 1
    return max(1, round(champs * _SECONDS_A_CHAMP / 60))


def _digest(params: Mapping[str, object]) -> str:
    champs = {key: value for key, value in params.items() if key.split("_")[0] == "champ"}
    return hashlib.sha256(json.dumps(champs).encode()).hexdigest()[:32]


def _say_closed(form: DemarcheForm) -> Response:
    return render_message(
        "Démarche close",
        f"La démarche « {form.title} » est close : il n’est plus possible d’y déposer un dossier.",
        200,  # the platform's own status for its page on closed démarches
    )


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")
