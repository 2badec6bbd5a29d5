"""The surroundings of a command: proxies, a terminal's encoding, pipes instead of files, ends of the
calendar."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from ds_bridge.cli.moments import end_in_paris, in_paris
from ds_bridge.config import ApiSettings, load_settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.sync.ages import parse_age
from tests.cli.conftest import Command


def test_a_proxy_that_cannot_be_is_one_line_and_exit_2(configured: Command) -> None:
    done = configured("form", "cra", HTTP_PROXY="http://127.0.0.1:notaport")
    assert done.returncode == 2
    assert done.stderr == (
        "ds-bridge: HTTP_PROXY: not the address of a proxy, such as http://proxy.example:3128: "
        "correct or unset it\n"
    )


def test_a_terminal_that_is_not_utf_8(configured: Command) -> None:
    def run(encoding: str, *arguments: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "ds_bridge", *arguments],
            cwd=configured.folder,
            env=configured.environment(PYTHONIOENCODING=encoding),
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
        return done.stdout

    assert "é" in run("latin-1", "form", "cra", "--json").decode()
    assert "é" in run("ascii", "form", "cra").decode()  # a pipe: values between tabs
    assert "é" in run("cp1252", "model", "cra").decode()
    assert b"marche" in run("ascii", "form", "--help")


def test_a_configuration_and_an_output_through_pipes(configured: Command) -> None:
    shell = f"{sys.executable} -m ds_bridge model cra --config <(cat ds-bridge.toml) | head -1"
    done = subprocess.run(
        ["bash", "-c", shell],
        cwd=configured.folder,
        env=configured.environment(),
        capture_output=True,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    assert done.stdout.startswith(b'"""')


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("behind", ["pipe", "file"])
def test_an_output_that_is_an_open_stream(tmp_path: Path, name: str, behind: str) -> None:
    program = (
        "import sys; from pathlib import Path; from ds_bridge.dump.file import replacing\n"
        f"with replacing(Path({name!r})) as stream: stream.write(b'whole')"
    )
    file = tmp_path / "out"
    with file.open("wb") as stream:
        out = subprocess.PIPE if behind == "pipe" else stream
        done = subprocess.run([sys.executable, "-c", program], stdout=out, check=True)
    assert (done.stdout if behind == "pipe" else file.read_bytes()) == b"whole"
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_token_file_of_windows(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbfabc\r\n")
    assert ApiSettings(token_file=tmp_path / "token").read_token() == "abc"
    (tmp_path / "c.toml").write_bytes(b"\xef\xbb\xbf[api]\ntoken_file = 'token'\n")
    assert load_settings(tmp_path / "c.toml").api.read_token() == "abc"


@pytest.mark.parametrize("moment", [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)])  # noqa: DTZ001 # as typed
def test_the_ends_of_the_calendar_are_one_line(moment: dt.datetime) -> None:
    for read in (in_paris, end_in_paris):
        with pytest.raises(
            ConfigurationError, match="out of the calendar here: give a year from 1900 to 9000"
        ):
            read(moment)
    assert in_paris(None) is None
    assert end_in_paris(None) is None


def test_an_age_that_no_store_has_is_one_line() -> None:
    with pytest.raises(
        ConfigurationError, match="--older-than '800000d' is longer than any store is old: 36500d"
    ):
        parse_age("800000d", "--older-than")
    assert parse_age("730d", "--older-than") == dt.timedelta(days=730)
