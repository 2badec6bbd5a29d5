"""A run of downloads always ends and says why, whatever blocks a file or hangs on the other side."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from ds_bridge.errors import InterruptedRunError, StoreError
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sync.stop import Stop

SECONDS = 20  # a machine that does other things meanwhile; at once is what is promised


def make_link(path):
    path.symlink_to(path.with_name("elsewhere"))


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(path.parent, os.O_RDONLY)  # an address has 107 bytes at most
        try:
            listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, make_link, make_socket])
def test_what_is_no_file_in_the_place_of_a_part_is_refused(bench, make):
    bench.put(("a.txt", "one"))
    bench.fetch()
    (path,) = list(bench.folder.rglob("*-*.txt"))
    path.unlink()
    part = path.with_name(f"{path.name}.part")
    make(part)
    began = time.monotonic()
    with pytest.raises(StoreError, match="cannot be written: a link, a folder, a pipe or a device"):
        bench.fetch()
    assert time.monotonic() - began < SECONDS
    assert not path.exists()
    assert not path.with_name("elsewhere").exists()


@pytest.mark.parametrize("make", [os.mkfifo, make_link, make_socket])
def test_what_is_no_file_in_the_place_of_a_file_gives_way(bench, make):
    bench.put(("a.txt", "one"))
    bench.fetch()
    (path,) = list(bench.folder.rglob("*-*.txt"))
    path.unlink()
    make(path)
    bench.fetch()
    assert path.is_file()
    assert not path.is_symlink()
    assert path.read_text("utf-8") == "one"


def test_the_end_is_at_once_while_a_server_never_answers(bench):
    bench.put(("a.txt", "one"), ("b.txt", "two"))
    bench.server.faults.add(Fault(action="never", operation="File"))
    stop = Stop()
    threading.Timer(0.5, stop.request, [signal.SIGTERM]).start()
    began = time.monotonic()
    with pytest.raises(InterruptedRunError) as raised:
        bench.fetch(stop=stop)
    assert raised.value.exit_code == 143
    assert time.monotonic() - began < SECONDS
    bench.server.faults.clear()
    assert bench.fetch().fetched == 2


def test_sigterm_ends_the_command_at_once(bench, tmp_path):
    bench.put(("a.txt", "one"))
    bench.server.faults.add(Fault(action="never", operation="File"))
    config = tmp_path / "ds-bridge.toml"
    config.write_text(
        f'[api]\nurl = "{bench.server.url}"\ntoken = "{bench.server.token}"\n'
        f'[store]\nurl = "{bench.settings.store.url}"\n[demarches.tout]\nnumber = 99001\n',
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "ds_bridge", "files", "tout", "--config", str(config)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not bench.downloads():
        assert time.monotonic() < until, "it asked for no file"
        assert process.poll() is None, process.stderr.read()
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert time.monotonic() - began < SECONDS
    assert "stopped by SIGTERM" in said
    assert "Traceback" not in said
