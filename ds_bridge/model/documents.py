"""Documents: reads files that hold forms or names to keep; writes a model's source to a file.

A form is the API's answer or a public schema; names to keep are those of a model written before.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Form, read_forms


def read_document(path: Path) -> tuple[Form, tuple[Form, ...]]:
    """The active form of a file and its older revisions.

    The file is what `GET /preremplir/<path>/schema` answers, an open-data description of a démarche, or the
    API's own. Raises ConfigurationError naming the file when it is none of these.
    """
    text = _read_text(path)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"form {str(path)!r}: this is no JSON") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"form {str(path)!r}: this is no démarche's form (a JSON object)")
    try:
        if "activeRevision" in document:
            active, others = read_forms(document)
        else:
            active, others = Form.from_schema(document), ()
    except (ConfigurationError, AttributeError) as error:
        reason = str(error) if isinstance(error, ConfigurationError) else "its champs are not objects"
        raise ConfigurationError(f"form {str(path)!r}: {reason}") from error
    for form in (active, *others):
        _check(path, form)
    return active, others


def read_names(path: Path) -> dict[int, str]:
    """Stable number → field name, from a model's source, which is read and never run.

    Raises ConfigurationError when the file is no Python, or declares no number.
    """
    try:
        tree = ast.parse(_read_text(path))
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(f"names from {str(path)!r}: this is no Python") from error
    names = {
        number: name
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        for name in [node.target.id]
        for number in _declared_numbers(node.annotation)
    }
    if not names:
        raise ConfigurationError(f"names from {str(path)!r}: no field of it has a champ's number")
    return names


def save_model(source: str, path: Path) -> None:
    """Write the module whole, or leave what stands there. Raises ConfigurationError naming the file."""
    beside = path.with_name(f".{path.name}.new")
    try:
        if path.is_dir():
            raise ConfigurationError(f"output {str(path)!r}: it is a folder: give the path of a file in it")
        beside.write_text(source, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigurationError(f"output {str(path)!r} cannot be written: {error.strerror}") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"{str(path)!r} cannot be read: {reason}") from error


def _check(path: Path, form: Form) -> None:
    texts: list[object] = [form.title]
    texts += [text for field, _ in form.walk() for text in (field.label, field.description)]
    number: object = form.number
    if type(number) is not int or not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(
            f"form {str(path)!r}: a number, a title or a label is not of the type it should be"
        )


def _declared_numbers(annotation: ast.expr) -> Iterator[int]:
    for node in ast.walk(annotation):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "champ":
            for keyword in node.keywords:
                if keyword.arg == "number":
                    yield from _read_integers(keyword.value)


def _read_integers(node: ast.expr) -> Sequence[int]:
    try:
        value: Any = ast.literal_eval(node)
    except ValueError:
        return ()
    values = value if isinstance(value, tuple) else (value,)
    return [each for each in values if type(each) is int]
