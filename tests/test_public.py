import subprocess
import sys

import pytest

import ds_bridge


def test_every_public_name_loads_and_is_listed():
    assert sorted(ds_bridge.__all__) == sorted(ds_bridge._HOMES)
    for name in ds_bridge.__all__:
        assert getattr(ds_bridge, name).__module__.startswith("ds_bridge")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ds_bridge.nothing


def test_a_link_needs_neither_network_nor_store():
    code = (
        "import sys; from ds_bridge import build_link;"
        "print(build_link('https://x.fr', 'p'));"
        "loaded = {m.split('.')[0] for m in sys.modules};"
        "print(sorted(loaded & {'sqlalchemy', 'httpx', 'graphql', 'alembic'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["https://x.fr/commencer/p", "[]"]
