"""Logs of the library: the lines that an application's own handler receives."""

import logging

import structlog

from ds_bridge.log import bound, get_logger


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
