"""`anomalies NAME`: what is wrong in a démarche's dossiers, one line each; counts at the end, on stderr."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)

if TYPE_CHECKING:
    from ds_bridge.store import StoredAnomaly

_LINE = "{:>10}  {:<8}  {:<24}  {:<32}  {}"


class Severity(StrEnum):
    """An error makes a dossier invalid; a warning is for a person to look at."""

    ERROR = "error"
    WARNING = "warning"


SeverityOption = Annotated[Severity | None, typer.Option("--severity", help="Only these.")]
CodeOption = Annotated[
    list[str] | None, typer.Option("--code", help="Only this code; may be repeated.", metavar="CODE")
]


def anomalies(
    name: NameArgument,
    severity: SeverityOption = None,
    code: CodeOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """List what is wrong in the dossiers of a démarche, as the last sync or remap found it."""
    from ds_bridge.dump.json import write
    from ds_bridge.health.status import open_to_read
    from ds_bridge.store.encoding import encode_json

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    counted = _Counted(severity.value if severity else None, code)
    with open_to_read(settings) as store:
        found = counted.select(store.anomalies(demarche.number))
        if json:
            write((encode_json(_describe(each)) for each in found), sys.stdout.buffer)
        else:
            _print_lines(found)
    counted.say()


class _Counted:
    """Lets through the anomalies that were asked for, and counts them by code."""

    def __init__(self, severity: str | None, codes: list[str] | None) -> None:
        self._severity = severity
        self._codes = codes
        self._counts: Counter[tuple[str, str]] = Counter()
        self._dossiers = 0

    def select(self, found: Iterator[StoredAnomaly]) -> Iterator[StoredAnomaly]:
        last = None
        for each in found:
            if self._severity and each.severity != self._severity:
                continue
            if self._codes and each.code not in self._codes:
                continue
            self._counts[each.code, each.severity] += 1
            self._dossiers += each.number != last
            last = each.number
            yield each

    def say(self) -> None:
        from ds_bridge.cli.logs import say

        say(f"{self._counts.total()} anomalies in {self._dossiers} dossiers")
        for (code, severity), count in self._counts.most_common():
            say(f"{count:>8}  {severity:<8}  {code}", code=code, severity=severity, count=count)


def _print_lines(found: Iterator[StoredAnomaly]) -> None:
    # Not a table that fits its columns: that would hold every line before it prints the first.
    typer.echo(_LINE.format("dossier", "severity", "code", "path", "message"))
    for each in found:
        typer.echo(_LINE.format(each.number, each.severity, each.code, each.path, each.message))


def _describe(each: StoredAnomaly) -> dict[str, Any]:
    return {
        "number": each.number,
        "path": each.path,
        "code": each.code,
        "severity": each.severity,
        "message": each.message,
    }
