"""Pages of the sandbox, in French: what a person sees between a prefilled link and a deposited dossier.

    GET  /                                     the démarches, and that this is a sandbox
    GET  /commencer/<path>?…                   a prefilled draft out of a link (`start`)
    GET  /dossiers/<token>/identite            who files (`identity`)
    GET  /dossiers/<token>/brouillon           the form (`draft`), drawn by `widgets`, read by `answers`
    GET  /dossiers/<token>/merci               the dossier's number
    GET  /dossiers/<token>/suivi               its state, the decision, the messages (`follow`)
    GET  /preremplir/<path>/schema             the form as JSON (`public`)
    POST /api/public/v1/demarches/<n>/dossiers a draft out of JSON, and its follow-up (`public`)

The platform asks a person to log in; here the token in the address takes the place of that. A deposited
dossier is in the World at once, and so in the API.
"""

from __future__ import annotations

from fastapi import APIRouter

from ds_bridge.sandbox.pages.draft import DraftPages
from ds_bridge.sandbox.pages.follow import FollowPage
from ds_bridge.sandbox.pages.identity import IdentityPage
from ds_bridge.sandbox.pages.public import PublicApi
from ds_bridge.sandbox.pages.start import StartPages
from ds_bridge.sandbox.public_desk import PublicDesk
from ds_bridge.sandbox.world import World


def create_router(world: World, desk: PublicDesk | None = None) -> APIRouter:
    """Every page and public address of the sandbox, except GraphQL. Without `desk`: no faults, no journal."""
    router = APIRouter(include_in_schema=False)
    for part in (StartPages, IdentityPage, DraftPages, FollowPage):
        router.include_router(part(world).router)
    router.include_router(PublicApi(world, PublicDesk(world) if desk is None else desk).router)
    return router


__all__ = ["create_router"]
