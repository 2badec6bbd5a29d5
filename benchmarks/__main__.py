"""`python -m benchmarks [NAME…]`: runs benchmarks, prints a table, writes benchmarks.json."""

from __future__ import annotations

import compileall
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

import ds_bridge
from benchmarks.dump import measure_dump
from benchmarks.lake import measure_lake
from benchmarks.link import measure_links
from benchmarks.memory import measure_memory
from benchmarks.night import measure_night
from benchmarks.others import measure_others
from benchmarks.parallel import measure_parallel
from benchmarks.people import measure_people
from benchmarks.pull import measure_instant, measure_pull
from benchmarks.report import measure_report
from benchmarks.service import measure_service
from benchmarks.start import measure_start
from benchmarks.table import Measure, print_table

ALL: dict[str, Callable[[], Iterator[Measure]]] = {
    "pull": measure_pull,
    "parallel": measure_parallel,
    "night": measure_night,
    "memory": measure_memory,
    "dump": measure_dump,
    "lake": measure_lake,
    "report": measure_report,
    "link": measure_links,
    "service": measure_service,
    "people": measure_people,
    "start": measure_start,
    "instant": measure_instant,
    "others": measure_others,
}
OUTPUT = Path("benchmarks.json")


def main() -> int:
    """Run those named, all when none is."""
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)} (known: {', '.join(ALL)})", file=sys.stderr)
        return 2
    for package in (ds_bridge.__path__[0], Path(__file__).parent):
        # As pip leaves an installation. With PYTHONDONTWRITEBYTECODE every process would compile them.
        compileall.compile_dir(package, quiet=1)
    measures = [measure for name in names for measure in ALL[name]()]
    print_table(measures)
    OUTPUT.write_bytes(orjson.dumps([measure.to_json() for measure in measures], option=orjson.OPT_INDENT_2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
