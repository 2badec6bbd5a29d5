"""`doctor [NAME…]`: finds today what would fail tonight."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NamesArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_line, print_table
from ds_bridge.errors import ConfigurationError
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ds_bridge.health.doctor.findings import Finding

_HEADINGS = ("", "check", "of", "found", "what to do")
_STYLES = {"ok": "green", "warning": "yellow", "failure": "bold red"}


def doctor(
    names: NamesArgument = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Check configuration, platform, token, store, forms and links before the night.

    Lists what is not in order; with -v, everything.

    Exit code 0 when all is well, or there are only warnings. Otherwise the code of what to mend first:
    2 configuration or model, 3 access, 4 platform, 1 store.
    """
    from ds_bridge.health.doctor.findings import exit_code

    findings = list(_examine(names or [], config, verbose, log_format))
    code = exit_code(findings)
    if json:
        print_json({"exit_code": code, "findings": [finding.to_json() for finding in findings]})
    else:
        _print(findings, all_of_them=verbose > 0)
    raise typer.Exit(code)


def _examine(
    names: Sequence[str], config: Path | None, verbose: int, log_format: LogFormat
) -> Iterator[Finding]:
    from ds_bridge.cli.logs import say
    from ds_bridge.config import find_config
    from ds_bridge.health.doctor.examine import examine
    from ds_bridge.health.doctor.findings import fail
    from ds_bridge.health.doctor.keeping import was_used
    from ds_bridge.health.token import FIRST_CALL

    try:
        settings = begin(config, verbose, log_format, for_demarches=False)
        file = find_config(config)
        for name in names:
            settings.demarche(name)
    except ConfigurationError as error:
        yield fail("configuration", error)
        return
    chosen = [name for name in settings.demarches if name in names or not names]
    if chosen and not was_used(settings):
        say(FIRST_CALL)
    yield from examine(settings, chosen, file)


def _print(findings: Sequence[Finding], *, all_of_them: bool) -> None:
    """Print what is not in order, or everything, and one line of counts."""
    counts = Counter(finding.verdict for finding in findings)
    shown = [each for each in findings if all_of_them or each.verdict != "ok"]
    if shown:
        # In a pipe, wide enough that most findings stand on one line.
        print_table(_HEADINGS, map(_list_cells, shown), styles=_STYLES, width=240)
        print_line("")
    rest = "" if all_of_them else " (-v lists them)"
    failures, warnings = tell_count(counts["failure"], "failure"), tell_count(counts["warning"], "warning")
    print_line(f"{failures}, {warnings}, {counts['ok']} well{rest}")


def _list_cells(finding: Finding) -> tuple[str, ...]:
    of = ".".join(part for part in (finding.subject, finding.champ) if part)
    return (finding.verdict, finding.check, of, finding.found, finding.remedy)
