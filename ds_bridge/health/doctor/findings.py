"""Findings: the results of the doctor's checks, and their common exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ds_bridge.errors import DsBridgeError

Verdict: TypeAlias = Literal["ok", "warning", "failure"]

CONFIGURATION, ACCESS, PLATFORM, STORE = 2, 3, 4, 1
_CODES_IN_ORDER = (CONFIGURATION, ACCESS, PLATFORM, STORE)


@dataclass(frozen=True)
class Finding:
    """The result of one check. `subject` is the démarche's name, `champ` the configuration name of a field.

    `code` is the exit code of a failure; `details` are for programs.
    """

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""
    subject: str | None = None
    champ: str | None = None
    code: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "check": self.check,
            "demarche": self.subject,
            "field": self.champ,
            "verdict": self.verdict,
            "found": self.found,
            "remedy": self.remedy or None,
            "details": self.details,
        }


def fail(check: str, error: DsBridgeError, remedy: str = "", subject: str | None = None) -> Finding:
    """A failure made from one of our errors, with its exit code."""
    return Finding(check, "failure", str(error), remedy, subject, code=error.exit_code)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 without a failure; else the code of the first class that fails: configuration, access, platform,
    store.

    People mend things in this order.
    """
    failed = {finding.code for finding in findings if finding.verdict == "failure"}
    return next((code for code in _CODES_IN_ORDER if code in failed), 0)
