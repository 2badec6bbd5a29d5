"""Faults: bugs of ds-bridge or of a model's rules, met while a démarche is pulled. They end that run only.

A foreign exception may quote what a person typed. So its message is left out: the error gives its kind and
its place in the code.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ds_bridge.errors import DsBridgeError


@contextmanager
def reported_faults() -> Iterator[None]:
    """Turn an unexpected exception inside into a DsBridgeError (exit code 1)."""
    try:
        yield
    except DsBridgeError:
        raise
    except Exception as error:  # noqa: BLE001 - translated, and raised
        raise DsBridgeError(
            f"a fault of ds-bridge, or of the démarche's model: {type(error).__name__} {_locate(error)}:"
            " report it; what was pulled before is kept"
        ) from None


def _locate(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "somewhere"
    ours = [frame for frame in frames if "ds_bridge" in Path(frame.filename).parts] or frames
    places = dict.fromkeys(f"{Path(frame.filename).name}:{frame.lineno}" for frame in (ours[-1], frames[-1]))
    return "at " + " > ".join(places)
