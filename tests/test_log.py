"""Logs of the library: what an application's own handler receives, and what is loaded when nobody listens."""

import json
import logging
import subprocess
import sys

import structlog

from ds_bridge.log import bound, get_logger
from ds_bridge.threads import make_thread

SILENT = """
import sys
from ds_bridge.log import bound, get_logger
with bound(run="r1"):
    get_logger("ds_bridge.tests").info("nobody wants it")
print("structlog" in sys.modules)
get_logger("ds_bridge.tests").error("nobody listens, but it is wanted")
print("structlog" in sys.modules)
"""

CROWD = """
import sys, threading, time
from ds_bridge.cli.logs import configure_logs, say
from ds_bridge.cli.options import LogFormat
from ds_bridge.log import get_logger
sys.setswitchinterval(0.001)
configure_logs(0, LogFormat.JSON)
def tell(turn):
    time.sleep(turn / 100)
    get_logger("ds_bridge.tests").warning("from a thread", turn=turn)
threads = [threading.Thread(target=tell, args=(turn,)) for turn in range(12)]
for each in threads:
    each.start()
say("from the main one")
for each in threads:
    each.join()
"""


def test_an_event_reaches_the_standard_logger_with_its_fields_and_its_run(caplog):
    log = get_logger("ds_bridge.tests")
    with caplog.at_level("INFO", "ds_bridge"), bound(run="r1", demarche="cra"), bound(demarche="autre"):
        log.info("page stored", dossiers=3)
        log.debug("too fine")
    log.error("it is over", run="r2")
    first, last = caplog.records
    assert (first.name, first.levelno, first.msg["event"]) == ("ds_bridge.tests", logging.INFO, "page stored")
    assert (first.msg["run"], first.msg["demarche"], first.msg["dossiers"]) == ("r1", "autre", 3)
    assert first.msg["level"] == "info"
    assert first.msg["timestamp"].endswith("Z")
    assert (last.levelno, last.msg["run"]) == (logging.ERROR, "r2")
    assert "demarche" not in last.msg


def test_an_event_s_own_field_comes_before_what_is_bound(caplog):
    with bound(demarche="cra"):
        get_logger("ds_bridge.tests").warning("another one", demarche="autre")
    assert [record.msg["demarche"] for record in caplog.records] == ["autre"]


def test_a_field_may_have_any_name(caplog):
    get_logger("ds_bridge.tests").warning("an odd one", level="mine", method="get", name="n")
    assert [(record.msg["level"], record.msg["method"]) for record in caplog.records] == [("warning", "get")]


def test_what_an_application_binds_for_itself_is_there_as_well(caplog):
    with structlog.contextvars.bound_contextvars(job="night"), bound(run="r1"):
        get_logger("ds_bridge.tests").warning("slow")
    assert [(record.msg["job"], record.msg["run"]) for record in caplog.records] == [("night", "r1")]


def test_a_thread_of_ours_tells_whose_run_it_works_for(caplog):
    with bound(run="r1"):
        thread = make_thread(get_logger("ds_bridge.tests").warning, "from beside")
    thread.start()
    thread.join()
    assert [record.msg["run"] for record in caplog.records] == ["r1"]


def test_structlog_is_loaded_by_the_first_event_that_is_wanted():
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert done.stderr == ""


def test_threads_whose_first_events_come_together_lose_none():
    """They saw half of structlog while another thread loaded it."""
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event.get("turn") for event in events} == {None, *range(12)}
