"""A web application that answers one JSON document to every prefill and does nothing: the service's baseline.

`python -m benchmarks.bare_service ANSWER.json` prints its address on stderr, as the service does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ds_bridge.web.connections import Hall
from ds_bridge.web.server import open_socket, serve


def create_app(answer: dict[str, Any]) -> FastAPI:
    """The simplest service: reads a body as JSON, gives a document; no thread, no model, no log."""
    app = FastAPI(openapi_url=None)

    @app.post("/v1/demarches/{name}/prefill")
    async def prefill(name: str, body: dict[str, Any]) -> dict[str, Any]:
        del name, body
        return answer

    return app


def main() -> None:
    """Serve until a signal, on the same server as the service."""
    app = create_app(json.loads(Path(sys.argv[1]).read_bytes()))
    with open_socket("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(json.dumps({"url": url}), file=sys.stderr, flush=True)
        serve(app, listener, Hall(1000, 10), stop_seconds=5)


if __name__ == "__main__":
    main()
