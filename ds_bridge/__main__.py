"""`python -m ds_bridge` and the `ds-bridge` command: runs the command line, turns errors into exit codes."""

from __future__ import annotations

import sys

from ds_bridge.cli.app import run


def main() -> None:
    """Run the command and exit with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
