"""Worker: a process that maps pages for another. `python -m ds_bridge.mapping.worker FD`, never run by hand.

FD is a socket to whoever started it: a `Task` comes first, answered when its plan is made; then pages of raw
dossiers as JSON, each answered with their contents. It ends when the other side does: it keeps nothing.
"""

from __future__ import annotations

import pickle
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ds_bridge.api.base import Raw
from ds_bridge.form import read_forms
from ds_bridge.interpreter import run_long, start_quickly
from ds_bridge.mapping.content import pull_contents
from ds_bridge.mapping.line import Line
from ds_bridge.mapping.named import make_plan


@dataclass(frozen=True, slots=True)
class Task:
    """What `make_plan` needs: the model is found again by its name, since few can be sent."""

    demarche: int
    model: str | None
    champs: Mapping[str, str] = field(repr=False)
    form: Raw = field(repr=False)


def serve(line: Line) -> None:
    """Answer until the other side hangs up."""
    task: Task = line.receive()
    active, others = read_forms(task.form)
    plan = make_plan(task.model, task.champs, active, others)
    line.send(None)
    while True:
        line.send(pull_contents(plan, line.receive(), task.demarche))


def main() -> None:
    """Serve on the file descriptor that the command names."""
    # Who ends the whole family by a signal ends the one that started us, which ends us when it is done.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    start_quickly()
    run_long()
    hung_up = suppress(EOFError, ConnectionError, pickle.UnpicklingError)
    with hung_up, Line(socket.socket(fileno=int(sys.argv[1]))) as line:
        serve(line)


if __name__ == "__main__":
    main()
