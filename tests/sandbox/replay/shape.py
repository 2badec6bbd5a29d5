"""What the sandbox's answer must have in common with the recorded one. Differences come out as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Where the value itself must be the same, and not its type alone.
EXACT = frozenset(
    {
        *("__typename", "code", "number", "state", "event", "archived", "reason", "filled", "grantType"),
        *("hasNextPage", "hasPreviousPage", "path", "champDescriptorId", "integer", "decimal", "yesNo"),
        *("checked", "date", "value", "values", "primaryValue", "secondaryValue", "prefilled", "motivation"),
        "filename",
    }
)


def compare(recorded: Any, given: Any, path: str = "", key: str = "") -> Iterator[str]:
    """Every place where nulls, types, lengths or keys differ; some values too."""
    if isinstance(recorded, dict) and isinstance(given, dict):
        if recorded.keys() != given.keys():
            yield f"{path}: keys {sorted(recorded.keys() ^ given.keys())}"
        for name in recorded.keys() & given.keys():
            yield from compare(recorded[name], given[name], f"{path}.{name}", name)
    elif isinstance(recorded, list) and isinstance(given, list):
        if len(recorded) != len(given):
            yield f"{path}: {len(recorded)} recorded, {len(given)} given"
        for place, (one, other) in enumerate(zip(recorded, given, strict=False)):
            yield from compare(one, other, f"{path}[{place}]", key)
    elif type(recorded) is not type(given) or (key in EXACT and recorded != given):
        yield f"{path}: {_short(recorded)} recorded, {_short(given)} given"


def read_errors(body: Any) -> list[tuple[Any, Any]]:
    """Code and path of each root error."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return [(error.get("extensions", {}).get("code"), error.get("path")) for error in errors or ()]


def compare_answers(recorded: Any, given: Any) -> list[str]:
    """A GraphQL body: whether there is data, its shape, the errors' codes and paths in execution."""
    if not isinstance(recorded, dict) or not isinstance(given, dict):
        return list(compare(recorded, given))
    lines = []
    if recorded.keys() != given.keys():
        lines.append(f"keys {sorted(recorded.keys())} recorded, {sorted(given.keys())} given")
    lines += compare(recorded.get("data"), given.get("data"), "data")
    expected, found = read_errors(recorded), read_errors(given)
    if [code for code, _ in expected] != [code for code, _ in found]:
        lines.append(f"codes {expected} recorded, {found} given")
    if "data" in recorded and expected != found:
        lines.append(f"paths {expected} recorded, {found} given")
    return lines


def _short(value: Any) -> str:
    return repr(value)[:60]
