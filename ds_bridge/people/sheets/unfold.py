"""Unfolds a spreadsheet in a separate process, which may not take more than 500 MiB.

A workbook of 5 kB can hold billions of cells, and the reader (calamine, in Rust) ends its process when it has
no memory. So it runs in a process of its own, with `main` as its program: bytes on stdin, a pickle on stdout.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from typing import Any

from ds_bridge.people.sheets import cells

MOST_BYTES = 500 * 1024 * 1024
MOST_CELLS = 2_000_000
_SECONDS = 120


def unfold(content: bytes) -> dict[str, Any]:
    """What the program below gives: a `problem`, or else `sheet`, `table` and what was seen in the sheet.

    `problem` is `locked`, `unreadable`, `empty`, or `too large`; `reaches` names the farthest cell, if known.
    """
    program = f"import sys; sys.path = sys.argv[1:]; from {__name__} import main; main()"
    command = [sys.executable, "-P", "-c", program, *sys.path]
    try:
        done = subprocess.run(  # noqa: S603 # our own program, by the interpreter that runs
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"problem": "too large"}
    if done.returncode:  # below 0: ended by a signal, like the reader's own signal when it has no memory
        return {"problem": "too large" if done.returncode < 0 else "unreadable"}
    found: dict[str, Any] = pickle.loads(done.stdout)  # noqa: S301 # made by our own program
    return found


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(content: bytes) -> dict[str, Any]:
    import python_calamine

    try:
        seen = cells.scan(content, MOST_CELLS)
    except cells.TooLargeError as error:
        return {"problem": "too large", "reaches": str(error)}
    except cells.UnreadableError:
        seen = None
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            shown = [
                each.name
                for each in workbook.sheets_metadata
                if each.visible == python_calamine.SheetVisibleEnum.Visible
            ]
            used = (sheet for sheet in map(workbook.get_sheet_by_name, shown) if sheet.height)
            sheet = next(used, None)
            if sheet is None:
                return {"problem": "empty", "hidden": len(workbook.sheet_names) - len(shown)}
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                return {"problem": "too large"}
            others = any(True for _ in used)
            table = sheet.to_python(skip_empty_area=False)
    except python_calamine.PasswordError:
        return {"problem": "locked"}
    except python_calamine.CalamineError:
        return {"problem": "unreadable"}
    return {
        "sheet": sheet.name,
        "table": table,
        "others": others,
        "seen": None if seen is None else seen.get(sheet.name),
    }


def main() -> None:
    """The program."""
    _limit()
    try:
        found = pickle.dumps(_read(sys.stdin.buffer.read()))
    except MemoryError:
        found = pickle.dumps({"problem": "too large"})
    sys.stdout.buffer.write(found)
