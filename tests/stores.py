"""New stores: copies of an empty one, since migrating each anew takes longer than most tests."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ds_bridge.store import Store


def new_sqlite(folder: Path) -> str:
    """The URL of an empty store, `store.db` in the folder."""
    shutil.copy(_empty_sqlite(), folder / "store.db")
    return f"sqlite:///{folder / 'store.db'}"


@cache
def _empty_sqlite() -> Path:
    path = Path(tempfile.mkdtemp(prefix="ds-bridge-empty-")) / "empty.db"
    atexit.register(shutil.rmtree, path.parent)
    Store.open(f"sqlite:///{path}").close()
    return path
