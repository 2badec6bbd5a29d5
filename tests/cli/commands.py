"""Commands run in this process as the shell would run them: exit code, stdout, stderr."""

import contextlib
import io
import logging
from dataclasses import dataclass
from pathlib import Path

from ds_bridge.cli.app import run

LOGGERS = ("ds_bridge", "ds_bridge.cli")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def run_command(*arguments: str, config: Path | None = None) -> Result:
    """Run it. What the command does to the process's logs is undone."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    options = ["--config", str(config)] if config else []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), loggers_kept():
        code = run([*arguments, *options])
    return Result(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextlib.contextmanager
def loggers_kept():
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.handlers, logger.level, logger.propagate) for logger in loggers]
    try:
        yield
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def write_config(folder: Path, demarches: str, *, api: str = "") -> Path:
    """A configuration beside a SQLite store, `store.db`."""
    file = folder / "ds-bridge.toml"
    file.write_text(f'[api]\n{api}\n[store]\nurl = "sqlite:///store.db"\n{demarches}', encoding="utf-8")
    return file


def write_sandbox_config(folder: Path, server, demarches: str, **settings) -> Path:
    """The same, with the sandbox's address and token."""
    lines = [f'url = "{server.url}"', f'token = "{server.token}"']
    lines += [f"{key} = {value}" for key, value in settings.items()]
    file = write_config(folder, demarches, api="\n".join(lines))
    file.chmod(0o600)  # it holds a token: sync would say that others may read it
    return file
