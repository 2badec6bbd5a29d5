"""« Identité du demandeur »: the page before the form, for the person who files. It claims the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from ds_bridge.sandbox.dossiers import Draft, Identity, Row, SandboxError, Value
from ds_bridge.sandbox.forms import DemarcheForm
from ds_bridge.sandbox.pages.answers import Problem, is_email, read_pairs
from ds_bridge.sandbox.pages.render import MAX_BODY, go_to, render, render_message, render_missing_draft
from ds_bridge.sandbox.world import World

_CIVILITES = ("Mme", "M.")


async def read_posted(request: Request) -> dict[str, list[str]] | None:
    """Form data of a request, by name; None when there is too much of it. To be used with Depends."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    try:
        return read_pairs(bytes(body))
    except ValueError:
        return None


Posted = Annotated[dict[str, list[str]] | None, Depends(read_posted)]


@dataclass(frozen=True, slots=True)
class IdentityEntry:
    """The texts in the page's inputs."""

    civilite: str = ""
    prenom: str = ""
    nom: str = ""
    email: str = ""

    def find_problems(self, form: DemarcheForm) -> list[Problem]:
        problems = []
        if form.for_individual:
            if self.civilite not in _CIVILITES:
                problems.append(Problem("civilite", "Le champ « Civilité » doit être rempli."))
            if not self.prenom.strip():
                problems.append(Problem("prenom", "Le champ « Prénom » doit être rempli."))
            if not self.nom.strip():
                problems.append(Problem("nom", "Le champ « Nom » doit être rempli."))
        if not self.email.strip():
            problems.append(Problem("email", "Le champ « Adresse électronique » doit être rempli."))
        elif not is_email(self.email):
            problems.append(
                Problem(
                    "email",
                    "Le champ « Adresse électronique » doit être une adresse valide, "
                    "par exemple : prenom.nom@exemple.fr.",
                )
            )
        return problems


class IdentityPage:
    def __init__(self, world: World) -> None:
        self.world = world
        self.router = APIRouter()
        self.router.add_api_route("/dossiers/{token}/identite", self.show)
        self.router.add_api_route("/dossiers/{token}/identite", self.save, methods=["POST"])

    def show(self, token: str) -> Response:
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        if draft.state == "deposited":
            return go_to(f"/dossiers/{token}/merci")
        return self._draw(draft, _entry_of(draft), [])

    def save(self, token: str, posted: Posted) -> Response:
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        if posted is None:
            return render_message("Envoi trop volumineux", "Ce qui a été envoyé est trop volumineux.", 413)
        form = self.world.demarches[draft.demarche].form
        names = IdentityEntry.__dataclass_fields__
        entry = IdentityEntry(**{name: posted[name][-1] for name in names if name in posted})
        problems = entry.find_problems(form)
        if problems:
            return self._draw(draft, entry, problems)
        identity = Identity(entry.civilite, entry.nom, entry.prenom) if form.for_individual else Identity()
        try:
            self.world.claim_draft(token, entry.email.strip())
            self.world.save_draft(token, identity, self._with_first_rows(draft, form))
        except SandboxError:  # deposited from another window
            return go_to(f"/dossiers/{token}/merci")
        return go_to(f"/dossiers/{token}/brouillon")

    def _draw(self, draft: Draft, entry: IdentityEntry, problems: list[Problem]) -> Response:
        form = self.world.demarches[draft.demarche].form
        messages = {problem.name: problem.message for problem in problems}
        return render(
            "identite.html",
            422 if problems else 200,
            form=form,
            draft=draft,
            entry=entry,
            problems=[(problem.message, _focus_id(problem.name)) for problem in problems],
            messages=messages,
        )

    def _with_first_rows(self, draft: Draft, form: DemarcheForm) -> dict[int, Value]:
        """Give each required block its first row, as on the platform."""
        values = dict(draft.values)
        for descriptor in form.revision(draft.revision).champs:
            if descriptor.kind == "repetition" and descriptor.required and not values.get(descriptor.stable):
                values[descriptor.stable] = [Row(self.world.new_row_id(), {})]
        return values


def _entry_of(draft: Draft) -> IdentityEntry:
    identity = draft.identity
    return IdentityEntry(
        identity.civilite or "", identity.prenom or "", identity.nom or "", draft.email or ""
    )


def _focus_id(name: str) -> str:
    return "civilite-mme" if name == "civilite" else name
