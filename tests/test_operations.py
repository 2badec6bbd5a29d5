"""docs/operations.md speaks of commands, options, metrics and units that exist."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ds_bridge.cli.app import GROUPS
from ds_bridge.config import Settings
from ds_bridge.health.metrics import write_metrics
from ds_bridge.sync import Summary
from tests.cli.commands import run_command

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "operations.md").read_text(encoding="utf-8")
FRENCH = (DOCS / "fr" / "exploitation.md").read_text(encoding="utf-8")
pages = pytest.mark.parametrize("page", [PAGE, FRENCH], ids=["english", "french"])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# `ds-bridge` as a word of its own (or a path's end), then what follows on its line or in its quotes.
COMMAND = re.compile(r"(?<![\w.-])ds-bridge ([a-z]+)\b([^`|)\n]*)")
OTHERS = {"collector.textfile.directory"}  # node_exporter's


def help_of(command=None):
    result = run_command(*([command] if command else []), "--help")
    assert result.code == 0
    if command not in GROUPS:
        return result.out
    inner = re.findall(r"^  ([a-z]+) ", result.out.split("Commands:")[1], re.MULTILINE)
    return "\n".join(run_command(command, name, "--help").out for name in inner)


COMMANDS = set(re.findall(r"^  ([a-z]+) ", help_of().split("Commands:")[1], re.MULTILINE))


def named(page):
    """(command, rest of its line) for each that the page names, pipes and comments cut off."""
    for command, rest in COMMAND.findall(page):
        if command in COMMANDS or "--" in rest:
            yield command, rest.split("#")[0]


@pages
def test_every_command_and_option_is_real(page):
    found = list(named(page))
    assert {"sync", "status", "anomalies", "remap", "doctor", "store"} <= {command for command, _ in found}
    assert len([rest for _, rest in found if "--" in rest]) >= 8
    for command, rest in found:
        assert command in COMMANDS, command
        known = set(OPTION.findall(help_of(command)))
        assert set(OPTION.findall(rest)) <= known, f"ds-bridge {command}{rest}"


def test_every_option_outside_a_command_belongs_to_one():
    known = set().union(*(OPTION.findall(help_of(command)) for command in COMMANDS))
    prose = FENCE.sub("", PAGE)
    spans = re.findall(r"`([^`\n]+)`", prose)
    alone = [span for span in spans if span.startswith("-") and not any(other in span for other in OTHERS)]
    assert len(alone) > 5
    for span in alone:
        for option in OPTION.findall(span):
            assert option in known, span
        if re.fullmatch(r"-[a-z]+", span):
            assert re.fullmatch(r"-v+", span), span


@pages
def test_the_commands_of_its_examples_parse(page, tmp_path):
    """The command line itself takes them: it fails on the missing démarche, never on the usage."""
    (tmp_path / "empty.toml").write_text("")
    for command, rest in named(page):
        if command == "init":  # asks the platform that it names: tests/cli/test_init.py
            continue
        arguments = shlex.split(rest)
        if "sync" in (command, *arguments) and "--metrics" in arguments:
            arguments[arguments.index("--metrics") + 1] = str(tmp_path / "m.prom")
        result = run_command(command, *arguments, config=tmp_path / "empty.toml")
        others = {"store": (1, "no store at "), "config": (0, "file: ")}
        if rest.split()[:1] == ["check"] and len(arguments) > 1:  # a backup that is not there
            others["store"] = (2, "no file ")
        expected = others.get(command, (2, "no démarche "))
        assert (result.code, expected[1] in result.out + result.err) == (expected[0], True), (
            command,
            rest,
            result.err,
        )


@pages
def test_every_exit_code_is_told(page):
    table = re.split("## Exit codes|## Codes de sortie", page)[1].split("##")[0]
    codes = re.findall(r"^\| ([0-9, ]+) \|", table, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "5", "6", "130, 143"]
    assert "130 or 143, then 3, 1, 2, 4, 6, 5, 0" in table or page is FRENCH


def test_every_metric_is_told(tmp_path):
    from tests.health.test_metrics import make_summary

    write_metrics(tmp_path / "m.prom", [], [make_summary(), Summary("autre", 7)])
    real = set(re.findall(r"^# TYPE (\w+)", (tmp_path / "m.prom").read_text(), re.MULTILINE))
    assert set(re.findall(r"ds_bridge_[a-z_]+", PAGE.split("**Metrics.**")[1].split("##")[0])) == real


@pages
def test_its_configurations_load(page):
    blocks = [text for language, text in FENCE.findall(page) if language == "toml"]
    assert len(blocks) == (1 if page is FRENCH else 3)
    for text in blocks:
        Settings(**tomllib.loads(text))


def read_units():
    return dict(re.findall(r"<!-- unit: ([\w.-]+) -->\n```ini\n(.*?)```", PAGE, re.DOTALL))


def test_the_units_say_what_the_page_promises():
    units = {name: configparser.ConfigParser(interpolation=None) for name in read_units()}
    for name, parser in units.items():
        parser.optionxform = str
        parser.read_string(read_units()[name])
    service, timer = units["ds-bridge.service"]["Service"], units["ds-bridge.timer"]["Timer"]
    assert service["User"] == "ds-bridge"
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == "ds-bridge"
    assert int(service["TimeoutStopSec"]) > Settings().api.timeout_seconds
    assert service["RestartPreventExitStatus"].split() == ["1", "2", "3", "5", "6", "130"]
    assert timer["Persistent"] == "true"
    assert units["ds-bridge.service"]["Unit"]["OnFailure"] in units


def test_systemd_takes_the_units(tmp_path):
    units = read_units()
    assert sorted(units) == ["ds-bridge-failure.service", "ds-bridge.service", "ds-bridge.timer"]
    if shutil.which("systemd-analyze") is None:  # no part of what ds-bridge needs: checked where there is one
        return
    for name, text in units.items():
        # The command of the page is not on this machine.
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in sorted(units))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert [line for line in verified.stderr.splitlines() if "ds-bridge." in line] == []
