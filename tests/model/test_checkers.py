"""What a project's checkers say of generated files: ruff, its formatter and mypy, once over all of them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ds_bridge.form import Field, Form
from ds_bridge.model import read_document, write_model
from tests.mapping.forms import REAL_FORMS, champ_of, form_of
from tests.model.generated import imported
from tests.model.nasty import KINDS, LABELS, forms, numbered, place
from tests.model.sandbox import sandbox_forms

ROOT = Path(__file__).parents[2]


def write_hostile(folder: Path) -> None:
    """Forms nobody would write, the same at every run."""
    count = itertools.count()

    @settings(
        max_examples=40,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(forms(), forms())
    def write(form: Form, older: Form) -> None:
        number = next(count)
        others = [numbered(older)] if number % 3 == 1 else []
        source = write_model(f"hostile {number}", numbered(form) if number % 3 else form, others)
        (folder / f"hostile_{number}.py").write_text(source, encoding="utf-8")

    write()


def write_folder(folder: Path) -> int:
    write_hostile(folder)
    every = [
        Field(None, kind, label, label, options=(*LABELS, *LABELS) if "list" in kind else None)
        for kind, label in zip(KINDS, itertools.cycle(LABELS), strict=False)
    ]
    single = [Field(None, "drop_down_list", label, options=(label,)) for label in LABELS]
    long = Field(None, "drop_down_list", "Long", options=tuple(f"Option {n}" for n in range(1500)))
    form = Form(7, LABELS[-1], place([*every, *single, long]))
    (folder / "every.py").write_text(write_model("every", form), encoding="utf-8")
    for active, others in sandbox_forms():
        source = write_model("sandbox", active, others)
        (folder / f"sandbox_{active.number}.py").write_text(source, encoding="utf-8")
    for file in sorted(REAL_FORMS.glob("*.json")):
        active, _ = read_document(file)
        source = write_model(file.stem, active)
        (folder / f"real_{active.number}.py").write_text(source, encoding="utf-8")
    return len(list(folder.glob("*.py")))


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_passes_ruff_its_formatter_and_mypy_strict(tmp_path: Path) -> None:
    assert write_folder(tmp_path) > 40
    config = ["--config", "pyproject.toml", "--no-cache"]
    run("ruff", "check", *config, str(tmp_path))
    run("ruff", "check", "--isolated", "--no-cache", "--line-length=110", "--select=E,F,I,W", str(tmp_path))
    run("ruff", "check", "--isolated", "--no-cache", str(tmp_path))
    run("ruff", "format", "--check", "--diff", *config, str(tmp_path))
    run("mypy", "--strict", *map(str, sorted(tmp_path.glob("*.py"))))


@pytest.mark.parametrize("file", sorted(REAL_FORMS.glob("*.json")), ids=lambda file: file.stem)
def test_a_real_form_keeps_its_names_whatever_is_added_elsewhere(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    active, _ = read_document(file)
    before = write_model("essai", active)
    assert before == write_model("essai", Form.from_schema(document))
    document["revision"]["champDescriptors"].append(
        {"__typename": "TextChampDescriptor", "label": "Un champ tout neuf", "required": False}
    )
    after = write_model("essai", Form.from_schema(document))
    line = (
        '    un_champ_tout_neuf: Annotated[str | None, champ("Un champ tout neuf", optional=True)] = None\n'
    )
    assert set(after.splitlines()) - set(before.splitlines()) <= {line.rstrip(), *_imports(after)}
    assert after.endswith(line)


def _imports(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.startswith("from typing")]


def test_an_option_longer_than_a_line_is_one_option_to_ruff_and_to_python(tmp_path: Path) -> None:
    longest = " ".join(["Une option plus longue que la ligne ne le permet, comme il y en a beaucoup"] * 4)
    for options in (("Court", longest, longest + " aussi"), (longest,)):
        form = form_of(champ_of(1, "drop_down_list", "Nature", options=options))
        source = write_model("essai", form)
        (tmp_path / f"options_{len(options)}.py").write_text(source, encoding="utf-8")
        with imported(source) as module:
            assert get_args(module.Nature) == options
    run("ruff", "check", "--isolated", "--no-cache", str(tmp_path))
    run("ruff", "format", "--check", "--isolated", "--line-length=110", "--no-cache", str(tmp_path))
