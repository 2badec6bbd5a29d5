"""docs/scale.md: its crontabs and its DAG say commands that there are, for a configuration that there is."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.commands import run_command, write_config

TEXT = (Path(__file__).parent.parent / "docs" / "scale.md").read_text(encoding="utf-8")
NAMES = ("cra", "conventionnement", "reconventionnement", "recrutement_coordinateur")


def block(name):
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```", TEXT, re.DOTALL)
    assert found, name
    return found[1]


def list_commands():
    for name in ("cron: one", "cron: two"):
        for line in block(name).splitlines():
            if "=" not in line.split()[0]:
                assert re.match(r"\d+ \d+ \* \* \*  ds-bridge  ds-bridge ", line)
                yield line.split("  ", 2)[2]
    for node in ast.walk(ast.parse(block("airflow: dag"))):
        if isinstance(node, ast.keyword) and node.arg == "bash_command":
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "cra" for part in node.value.values
            )


@pytest.mark.parametrize("command", [*list_commands()])
def test_its_commands_go_as_far_as_the_store(tmp_path, command):
    tables = "".join(f"[demarches.{name}]\nnumber = {place}\n" for place, name in enumerate(NAMES, 1))
    config = write_config(tmp_path, tables, api='url = "http://127.0.0.1:9"')
    program, *arguments = shlex.split(command)
    done = run_command(*arguments, config=config)
    assert program == "ds-bridge"
    # No token, or no store yet: what is wrong is none of the command's words.
    assert done.code in (1, 3), done.err
