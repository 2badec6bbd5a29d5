"""`python -m ds_bridge` and the `ds-bridge` command: runs the command line, turns errors into exit codes."""

from __future__ import annotations

import sys

from ds_bridge.interpreter import leave_circles, start_quickly

# Seconds, a fifth of Python's own: the next page is asked for without waiting for the one that is mapped.
SWITCH_SECONDS = 0.001


def main() -> None:
    """Run the command and exit with its code."""
    start_quickly()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        # Inside: Ctrl-C may come while Python still loads the rest.
        from ds_bridge.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    leave_circles()
    sys.exit(code)


if __name__ == "__main__":
    main()
