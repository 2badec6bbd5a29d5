"""Every command's help: whole sentences, and an example that the command line takes."""

import re
import shlex

import pytest

from ds_bridge.cli.app import COMMANDS, GROUPS
from tests.cli.commands import run_command


def list_commands():
    for name in COMMANDS:
        if name not in GROUPS:
            yield (name,)
            continue
        listed = run_command(name, "--help").out.split("Commands:")[1]
        yield from ((name, inner) for inner in re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE))


def test_the_lists_are_not_cut():
    assert "..." not in run_command("--help").out.split("Commands:")[1]
    for name in GROUPS:
        assert "..." not in run_command(name, "--help").out.split("Commands:")[1]


@pytest.mark.parametrize("command", [*list_commands()], ids=" ".join)
def test_each_has_an_example_that_parses(command, tmp_path):
    text = run_command(*command, "--help").out
    match = re.search(r"^  Example: ds-bridge (.*)$", text, re.MULTILINE)
    assert match, text
    arguments = shlex.split(match[1])
    assert tuple(arguments[: len(command)]) == command
    options = set(re.findall(r"--[a-z][a-z-]+", match[1]))
    assert options <= set(re.findall(r"--[a-z][a-z-]+", text))
    short = {each for each in arguments if re.fullmatch(r"-[a-z]", each)}
    assert short <= set(re.findall(r"-[a-z]\b", text))
