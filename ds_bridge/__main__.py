"""`python -m ds_bridge` and the `ds-bridge` command: runs the command line, turns errors into exit codes."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command and exit with its code."""
    try:
        # Inside: Ctrl-C may come while Python still loads the rest.
        from ds_bridge.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
