"""One run at a time: the second is told who holds the lock, and a crash leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from ds_bridge.errors import LockedError
from ds_bridge.store import Store
from tests.store.samples import DEMARCHE, NOON

HOLDER = """
import sys
from ds_bridge.store import Store
with Store.open({url!r}) as store, store.lock({demarche}):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_run_is_told_who_holds_the_lock(store: Store, store_url: str) -> None:
    with Store.open(store_url) as other:
        with store.lock(DEMARCHE):
            with pytest.raises(LockedError, match=f"process {os.getpid()} on .* holds it since 20") as caught:
                other.lock(DEMARCHE).__enter__()
            assert caught.value.exit_code == 6
            with other.lock(DEMARCHE + 1):
                pass
        with other.lock(DEMARCHE):
            pass


def test_work_goes_on_under_the_lock_and_its_errors_pass(store: Store) -> None:
    def fail_under_lock() -> None:
        with store.lock(DEMARCHE):
            store.begin_run(DEMARCHE, "r", NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_under_lock()
    assert len(store.last_runs(DEMARCHE)) == 1


def test_a_killed_run_leaves_no_lock(store: Store, store_url: str) -> None:
    script = HOLDER.format(url=store_url, demarche=DEMARCHE)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LockedError, match=f"process {process.pid} on"):
        store.lock(DEMARCHE).__enter__()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    # PostgreSQL notices a dead client when it next reads from it: at once on loopback, but not in zero time.
    for _ in range(2000):
        try:
            with store.lock(DEMARCHE):
                return
        except LockedError:
            continue
    pytest.fail("the lock outlived its holder")
