"""A process that is an S3 server on loopback, moto's, and prints its port; it may fail in the middle.

`python -m tests.lake.bucket FILE`: FILE, when it is there, says how many more Parquet files it takes before
it answers 503 to all that would be written.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class Failing:
    """The application, with the fault before it."""

    def __init__(self, plan: Path) -> None:
        self._plan = plan
        self._application = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environment, start_response):
        if environment["REQUEST_METHOD"] in ("PUT", "POST") and self._plan.exists():
            left = int(self._plan.read_text())
            if left == 0:
                start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
                return [b"a name of somebody, perhaps"]
            if environment["PATH_INFO"].endswith(".parquet"):
                self._plan.write_text(str(left - 1))
        return self._application(environment, start_response)


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, Failing(Path(sys.argv[1])), threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
