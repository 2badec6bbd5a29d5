"""Foreign clients: installs them by name into their own folder, which git ignores, only to measure them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / ".others"
SECONDS = 300


class UnavailableError(Exception):
    """The client cannot be installed or run here; the message says why."""


@dataclass(frozen=True)
class Package:
    """A package of a registry. `trace`: a file that is in our folder when this version is installed."""

    name: str
    version: str
    install: tuple[str, ...]
    trace: str

    def fetch(self) -> None:
        """Install the package, unless it is there. Raises UnavailableError."""
        if not (FOLDER / self.trace).exists():
            run_command(*self.install)
        if not (FOLDER / self.trace).exists():
            raise UnavailableError(f"{self.name} {self.version} was not installed")


def name_python_package(name: str, version: str) -> Package:
    """A package of PyPI."""
    quietly = ("--quiet", "--disable-pip-version-check", "--upgrade", "--target", str(FOLDER / "pypi"))
    install = (sys.executable, "-m", "pip", "install", *quietly, f"{name}=={version}")
    return Package(name, version, install, f"pypi/{name.replace('-', '_')}-{version}.dist-info")


def name_node_package(name: str, version: str) -> Package:
    """A package of npm. Node finds no version in a folder's name: each has its own folder."""
    folder = f"npm/{version}"
    quietly = ("--loglevel=error", "--no-audit", "--no-fund", "--prefix", str(FOLDER / folder))
    install = ("npm", "install", *quietly, f"{name}@{version}")
    return Package(name, version, install, f"{folder}/node_modules/{name}")


def run_command(*command: str, environment: dict[str, str] | None = None) -> str:
    """Run a command, give its output. Raises UnavailableError with a line of its error."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=SECONDS, env=environment
        )
    except FileNotFoundError:
        raise UnavailableError(f"there is no {command[0]} here") from None
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{command[0]} was not done within {SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        # An installer names the error in its first line, a program that crashed in its last.
        complaint = next((line for line in lines if line.startswith(("npm error", "ERROR"))), lines[-1])
        raise UnavailableError(f"{Path(command[0]).name} failed: {complaint}")
    return done.stdout


SIMPY = name_python_package("demarches-simpy", "0.0.18")
DNUM = name_node_package("@dnum-mi/ds-api-client", "1.9.4")
