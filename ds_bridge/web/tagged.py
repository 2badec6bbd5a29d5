"""Tagged: gives answers an ETag and a Cache-Control.

A caller who sends the ETag back (If-None-Match) gets an empty 304 when the answer is still the same. No
answer may go into a cache that several people share.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response

ASK_AGAIN = "private, no-cache"
"""For answers that may change at any moment: keep it, but ask each time whether it is still right."""
A_MINUTE = "private, max-age=60"
"""For answers that the service itself fetches again once a minute."""

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The answer that `If-None-Match` names is still right."}
}


def answer_tagged(request: Request, content: bytes, cache_control: str) -> Response:
    """The JSON, or 304."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache_control}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
