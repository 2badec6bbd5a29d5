"""What a process of ours asks of Python and of the C library, seen from outside of it."""

import os
import platform
import subprocess
import sys

import pytest

from ds_bridge import interpreter
from ds_bridge.cli.app import run

PROGRAM = """
import ctypes, threading
from ds_bridge.interpreter import share_heap
{share}
kept, ready = [], threading.Barrier(4)
def take():
    kept.append([bytes(2000) for _ in range(100)])
    ready.wait(30)
threads = [threading.Thread(target=take) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
ctypes.CDLL(None).malloc_stats()
"""


def count_heaps(share: str) -> int:
    told = {"MALLOC_ARENA_MAX", "GLIBC_TUNABLES"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(share=share)],
        env={name: value for name, value in os.environ.items() if name not in told},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_threads_share_one_heap_where_we_know_the_system() -> None:
    assert count_heaps("share_heap()") == 1
    assert count_heaps("import sys; sys.platform = 'other'; share_heap()") > 1


def test_sync_has_its_threads_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(interpreter, "share_heap", lambda: told.append("shared"))
    assert run(["sync", "--config", "nowhere.toml"]) == 2
    assert told == ["shared"]
