"""A process that keeps a lake and is killed at the n-th file or commit: `… STORE LAKE STEP`, STEP from 1."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from deltalake import DeltaTable

from ds_bridge.lake import keep, place
from ds_bridge.store import Store
from tests.lake.lakes import keep as keep_lake


def main(url: str, lake: str, last: int) -> None:
    steps = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*args, **options)

        return run

    place._write_private = counted(place._write_private)
    keep.replace_table = counted(keep.replace_table)
    DeltaTable.create_write_transaction = counted(DeltaTable.create_write_transaction)
    place.LakePlace.remove = counted(place.LakePlace.remove)
    with Store.open(url) as store:
        keep_lake(store, lake, size=20, vacuum=True)
    sys.stdout.write(f"{steps} steps\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
