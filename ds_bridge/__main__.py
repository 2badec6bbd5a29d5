"""`python -m ds_bridge` and the `ds-bridge` command: runs the command line, turns errors into exit codes."""

from __future__ import annotations

import gc
import sys

# A dossier is a few hundred small objects in no circle. Looking for circles among them at Python's usual pace
# (700, 10, 10) takes a fifth of a pull.
COLLECTED_EVERY = (50_000, 20, 20)
# Seconds, a fifth of Python's own: the next page is asked for without waiting for the one that is mapped.
SWITCH_SECONDS = 0.001


def main() -> None:
    """Run the command and exit with its code."""
    gc.set_threshold(*COLLECTED_EVERY)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        # Inside: Ctrl-C may come while Python still loads the rest.
        from ds_bridge.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
