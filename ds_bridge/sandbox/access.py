"""Access: takes an `Authorization` header, gives the token, or the refusal as the platform writes it."""

from __future__ import annotations

import re

from ds_bridge.sandbox.dossiers import Token
from ds_bridge.sandbox.engine import Answer, error_body
from ds_bridge.sandbox.world import World

# `Token` and `token=` are accepted as well; the scheme is case-sensitive.
_SCHEME = re.compile(r'^(?:Bearer|Token)\s+(?:token=)?"?(?P<secret>[^",;\s]+)"?')


def authenticate(world: World, authorization: str | None, address: str) -> Token | Answer | None:
    """The token of a request; None when it is missing or unknown; or the reason of the refusal."""
    match = _SCHEME.match(authorization or "")
    token = world.find_token(match["secret"]) if match else None
    if token is None:
        return None
    if token.refused_network:
        message = (
            f"Request issued from a forbidden network. "
            f"Add {address}/32 to your allowed adresses in your /profil"
        )
        return Answer(403, error_body(message, "forbidden"))
    if token.expires_at is not None and token.expires_at <= world.now():
        return Answer(401, error_body("Token expired", "unauthorized"))
    return token


def refuse_unknown() -> Answer:
    """A request without a token, or with an unknown one, may only run stored queries."""
    return Answer(403, error_body("Without a token, only persisted queries are allowed", "forbidden"))
