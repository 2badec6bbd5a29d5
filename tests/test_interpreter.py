"""What a process of ours asks of Python, seen from outside of it."""

import subprocess
import sys

PROGRAM = """
import atexit, gc, sys
from ds_bridge.__main__ import main
atexit.register(lambda: print(gc.get_threshold(), gc.get_freeze_count() > 0))
sys.argv = ["ds-bridge", *sys.argv[1:]]
main()
"""


def test_a_command_looks_for_circles_rarely_and_takes_nothing_apart_at_its_end() -> None:
    """That took half a second after a run."""
    for arguments, code in (["--version"], 0), (["sync", "--config", "nowhere.toml"], 2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stdout.splitlines()[-1]) == (code, "(5000, 20, 20) True")
