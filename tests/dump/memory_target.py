"""A process that dumps few dossiers, then many, and prints the most memory it ever held after each (MB)."""

import re
import sys
from pathlib import Path

from ds_bridge.dump import Options, dump_dossiers
from ds_bridge.store import Store
from ds_bridge.tables import describe
from tests.dump.conftest import CRA
from tests.store.samples import at


def main(url: str, format_name: str, folder: Path) -> None:
    with Store.open(url) as store:
        options = Options(describe(store, "cra", CRA))
        for name, since in (("warm", at(2)), ("few", at(1)), ("many", None)):
            count = dump_dossiers(
                store, CRA.number, format=format_name, out=folder / name, since=since, options=options
            )
            sys.stdout.write(f"{count} {read_peak()}\n")


def read_peak() -> int:
    """The peak of this program. getrusage's would be that of the test runner it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) // 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
