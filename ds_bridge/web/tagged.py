"""Tagged: answers that say what they are (ETag) and for how long they hold (Cache-Control).

Who asks again with what they have (If-None-Match) gets 304 and nothing else when it is still right. Nothing
here is for a cache that several people share.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response

ASK_AGAIN = "private, no-cache"
"""Keep it, and ask each time whether it still holds: what may change at any moment."""
A_MINUTE = "private, max-age=60"
"""What is fetched again once a minute here too."""

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What `If-None-Match` names is still right."}
}


def answer_tagged(request: Request, content: bytes, cache_control: str) -> Response:
    """The JSON, or 304."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache_control}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
