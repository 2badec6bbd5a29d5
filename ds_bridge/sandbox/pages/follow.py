"""Follow: the page that shows a deposited dossier to its person: the state, the decision, the messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup, escape

from ds_bridge.sandbox.instruction import Message, StoredFile
from ds_bridge.sandbox.node import PARIS
from ds_bridge.sandbox.pages.render import go_to, render, render_missing_draft
from ds_bridge.sandbox.seed_instruction import PLATFORM_SENDER
from ds_bridge.sandbox.world import World

STATES: Mapping[str, str] = {
    "en_construction": "en construction",
    "en_instruction": "en instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
}


@dataclass(frozen=True, slots=True)
class ShownFile:
    filename: str
    address: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message on the page. `body` is HTML only in the platform's own messages; people's texts are shown as
    text."""

    sender: str
    day: str
    body: Markup
    removed: bool
    files: tuple[ShownFile, ...]


class FollowPage:
    def __init__(self, world: World) -> None:
        self.world = world
        self.router = APIRouter()
        self.router.add_api_route("/dossiers/{token}/suivi", self.show)

    def show(self, token: str) -> Response:
        draft = self.world.draft(token)
        if draft is None:
            return render_missing_draft()
        if draft.state != "deposited":
            return go_to(f"/dossiers/{token}/brouillon")
        dossier = self.world.dossier(draft.number)
        if dossier is None or dossier.hidden_by_user_at is not None:
            return render_missing_draft()
        held = self.world.read_instruction(dossier)
        return render(
            "suivi.html",
            form=self.world.demarches[dossier.demarche].form,
            dossier=dossier,
            state=STATES[dossier.state],
            correction=held.pending_correction is not None,
            motivation=held.motivation,
            decision_file=None if held.motivation_file is None else self._show_file(held.motivation_file),
            messages=[self._show_message(message) for message in held.messages],
        )

    def _show_message(self, message: Message) -> ShownMessage:
        body = Markup(message.body) if message.sender == PLATFORM_SENDER else escape(message.body)  # noqa: S704 - our own letter, its title escaped
        return ShownMessage(
            sender=message.sender,
            day=_write_day(message.at),
            body=body,
            removed=message.discarded_at is not None,
            files=tuple(self._show_file(file) for file in message.files),
        )

    def _show_file(self, file: StoredFile) -> ShownFile:
        address = self.world.cabinet.sign(file.content, file.content_type, file.filename, self.world.now())
        return ShownFile(file.filename, address)


def _write_day(moment: dt.datetime) -> str:
    return moment.astimezone(PARIS).strftime("%d/%m/%Y à %H h %M")
