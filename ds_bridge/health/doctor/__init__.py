"""Doctor: what would fail tonight, told today.

Takes the configuration, asks the platform and the store what they can tell without changing anything, and
gives findings: what was looked at, what was found, what to do.
"""

from __future__ import annotations

from ds_bridge.health.doctor.examine import examine
from ds_bridge.health.doctor.findings import Finding, Verdict, exit_code

__all__ = ["Finding", "Verdict", "examine", "exit_code"]
