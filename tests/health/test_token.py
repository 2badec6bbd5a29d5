"""The token's last day: status and doctor warn thirty days before, and say where to use the new token
first."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from pydantic import ValidationError

from ds_bridge.config import ApiSettings
from ds_bridge.health.token import describe_end
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config

TODAY = dt.date(2026, 11, 30)
CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'
NEXT = ": its owner makes another one on the platform, first used on this machine"


@pytest.fixture(scope="module")
def server():
    with SandboxServer(seed=6, dossiers=5, requests_per_minute=None) as server:
        yield server


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (31, None),
        (30, f"the API token ends on 2026-12-30, in 30 days{NEXT}"),
        (1, f"the API token ends on 2026-12-01, in 1 day{NEXT}"),
        (0, f"the API token ends on 2026-11-30, in 0 days{NEXT}"),
        (-1, f"the API token ended on 2026-11-29, by api.token_expires{NEXT}"),
    ],
)
def test_when_it_is_said(days: int, words: str | None) -> None:
    assert describe_end(ApiSettings(token_expires=TODAY + dt.timedelta(days=days)), TODAY) == words


def test_an_end_that_nobody_knows_is_not_spoken_of() -> None:
    assert describe_end(ApiSettings(), TODAY) is None


@pytest.mark.parametrize("value", ["soon", "30/11/2026", "2026-13-01", 12.5])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="date"):
        ApiSettings.model_validate({"token_expires": value})


def test_status_and_doctor_say_it(server, tmp_path) -> None:
    soon = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=10)
    config = write_sandbox_config(tmp_path, server, CRA, token_expires=soon)
    assert run_command("sync", config=config).code == 0
    told = run_command("status", "--json", config=config)
    assert (told.code, told.err) == (0, f"the API token ends on {soon}, in 10 days{NEXT}\n")
    findings = json.loads(run_command("doctor", "--json", config=config).out)["findings"]
    ends = [each for each in findings if "API token ends on" in each["found"]]
    assert [(each["check"], each["verdict"]) for each in ends] == [("token", "warning")]
    config.write_text(config.read_text().replace(str(soon), "2999-01-01"))
    assert run_command("status", config=config).err == ""
    findings = json.loads(run_command("doctor", "--json", config=config).out)["findings"]
    assert any("its last day is 2999-01-01" in each["found"] for each in findings)


def test_doctor_says_what_a_first_call_binds_before_it_makes_it(server, tmp_path) -> None:
    config = write_sandbox_config(tmp_path, server, CRA)
    first = "a new token is bound for good to the address of its first call: make that call on the machine"
    assert run_command("doctor", "--json", config=config).err.startswith(first)
    assert run_command("sync", config=config).code == 0
    assert first not in run_command("doctor", "--json", config=config).err


def test_a_network_that_is_refused_says_the_address_and_what_to_do(server, tmp_path) -> None:
    config = write_sandbox_config(tmp_path, server, CRA)
    config.write_text(config.read_text().replace(server.token, server.world.token("network")))
    done = run_command("sync", config=config)
    assert done.code == 3
    assert "Add 127.0.0.1/32 to your allowed adresses" in done.err
    assert "its owner adds this one to the token's networks on the platform's profile page" in done.err
    assert "the token is unknown" not in done.err
    findings = json.loads(run_command("doctor", "--json", config=config).out)["findings"]
    assert any("127.0.0.1/32" in each["found"] for each in findings if each["verdict"] == "failure")
