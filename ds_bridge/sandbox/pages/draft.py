"""Draft: the page of the form, where a draft is filled, saved and deposited; and the page with its number."""

from __future__ import annotations

import re
from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import Response

from ds_bridge.sandbox.dossiers import Draft, Row, SandboxError
from ds_bridge.sandbox.forms import Revision
from ds_bridge.sandbox.pages.answers import Answers, Problem, find_problems, keep_visible, read_answers
from ds_bridge.sandbox.pages.identity import Posted
from ds_bridge.sandbox.pages.render import go_to, render, render_message, render_missing_draft
from ds_bridge.sandbox.pages.widgets import Widget, draw_form, suggest
from ds_bridge.sandbox.world import World

_ACTION = re.compile(r"(?P<verb>brouillon|deposer|ajouter|supprimer)(?:-(?P<block>\d+))?(?:-(?P<row>\w+))?")


class DraftPages:
    def __init__(self, world: World) -> None:
        self.world = world
        self.router = APIRouter()
        self.router.add_api_route("/dossiers/{token}/brouillon", self.show)
        self.router.add_api_route("/dossiers/{token}/brouillon", self.submit, methods=["POST"])
        self.router.add_api_route("/dossiers/{token}/merci", self.thank)

    def show(self, token: str, enregistre: str | None = None) -> Response:
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        if draft.state != "brouillon" or draft.email is None:
            return go_to(f"/dossiers/{token}/{'merci' if draft.state == 'deposited' else 'identite'}")
        return self._draw(draft, Answers(dict(draft.values)), [], saved=enregistre is not None)

    def submit(self, token: str, posted: Posted) -> Response:
        """Save what was typed, then do what the button says. Wrong values are shown, right values are
        kept."""
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        if posted is None:
            return render_message("Envoi trop volumineux", "Ce qui a été envoyé est trop volumineux.", 413)
        if draft.state != "brouillon" or draft.email is None:
            return self.show(token)
        revision = self._revision(draft)
        answers = read_answers(revision, posted, draft.values)
        action = _ACTION.fullmatch(posted.get("action", ["brouillon"])[-1])
        verb = action["verb"] if action else "brouillon"
        place = "?enregistre=1"
        if action and action["block"]:
            place = "#" + self._change_rows(revision, answers, verb, int(action["block"]), action["row"])
        problems = find_problems(revision, answers, deposit=verb == "deposer")
        try:
            draft = self.world.save_draft(token, draft.identity, answers.values)
            if problems:
                return self._draw(draft, answers, problems)
            if verb == "deposer":
                self.world.save_draft(token, draft.identity, keep_visible(revision, answers.values))
                self.world.deposit(token, draft.email or "")
        except SandboxError:  # deposited from another window
            return go_to(f"/dossiers/{token}/merci")
        return go_to(f"/dossiers/{token}/" + ("merci" if verb == "deposer" else f"brouillon{place}"))

    def thank(self, token: str) -> Response:
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        dossier = self.world.dossier(draft.number)
        if draft.state != "deposited" or dossier is None:
            return (
                go_to(f"/dossiers/{token}/brouillon")
                if draft.state != "deposited"
                else render_missing_draft()
            )
        form = self.world.demarches[draft.demarche].form
        return render("merci.html", form=form, dossier=dossier, follow=f"/dossiers/{token}/suivi")

    def _change_rows(
        self, revision: Revision, answers: Answers, verb: str, block: int, row_id: str | None
    ) -> str:
        """Add a row to a block, or remove one. Gives the id of the place on the page to go on from."""
        descriptor = revision.find(block)
        if descriptor is None or descriptor.kind != "repetition":
            return ""
        rows: list[Row] = list(answers.values.get(block, []))
        if verb == "ajouter":
            added = Row(self.world.new_row_id(), {})
            answers.values[block] = [*rows, added]
            return f"ligne-{added.id}"
        answers.values[block] = [row for row in rows if row.id != row_id]
        answers.typed = {name: text for name, text in answers.typed.items() if f"-{row_id}-" not in name}
        return f"champ-{block}"

    def _revision(self, draft: Draft) -> Revision:
        return self.world.demarches[draft.demarche].form.revision(draft.revision)

    def _draw(
        self, draft: Draft, answers: Answers, problems: list[Problem], *, saved: bool = False
    ) -> Response:
        widgets = draw_form(self._revision(draft), answers, problems)
        places = dict(_walk_focus(widgets))
        return render(
            "brouillon.html",
            422 if problems else 200,
            form=self.world.demarches[draft.demarche].form,
            draft=replace(draft, values={}),
            widgets=widgets,
            problems=[(problem.message, places.get(problem.name, problem.name)) for problem in problems],
            saved=saved,
            suggestions=suggest(self._revision(draft)),
        )


def _walk_focus(widgets: list[Widget]) -> list[tuple[str, str]]:
    places = [(widget.name, widget.focus_id) for widget in widgets]
    for widget in widgets:
        for row in widget.rows:
            places += _walk_focus(row.widgets)
    return places
