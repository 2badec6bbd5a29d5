"""Question: asks a person on the terminal for yes or no. Takes the question, gives the answer.

Not typer's own: it writes to stdout, which is for results, and a signal that arrives between its question and
its wait does not end the wait.
"""

from __future__ import annotations

import select
import sys

from ds_bridge.log import show_line

_LOOK_SECONDS = 0.2  # a signal waits so long at most
_YES = ("y", "yes", "o", "oui")
_NO = ("", "n", "no", "non")


def ask(question: str) -> bool:
    """Whether the answer is yes. An empty line or the end of the input is no; other words are asked again."""
    while True:
        sys.stderr.write(f"{show_line(question)} [y/N]: ")
        sys.stderr.flush()
        while not select.select([sys.stdin], [], [], _LOOK_SECONDS)[0]:
            pass  # between two turns a signal ends the command
        answer = sys.stdin.readline().strip().lower()
        if answer in _YES + _NO:
            return answer in _YES
