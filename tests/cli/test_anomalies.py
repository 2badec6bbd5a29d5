"""`anomalies NAME`: a line each, filters, counts on stderr, JSON."""

import json

from tests.cli.commands import run_command
from tests.store.samples import DEMARCHE, NOON, SampleAnomaly, make_deletion, make_entry

DATE = SampleAnomaly("evenements[0].date", "date_after_deposit", "warning", "after the deposit")
WRONG = SampleAnomaly("identite.identifiant", "invalid", "error", "the value is not valid (int_parsing)")


def fill(store):
    store.save_page(
        DEMARCHE,
        [
            make_entry(10, anomalies=[DATE, WRONG], valid=False),
            make_entry(20),
            make_entry(30, anomalies=[DATE]),
            make_entry(40, anomalies=[WRONG]),
        ],
        None,
    )
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(40, NOON)], None)
    store.save_page(7, [make_entry(99, anomalies=[DATE])], None)


def test_lines_and_counts(config, store):
    fill(store)
    result = run_command("anomalies", "cra", config=config)
    assert result.code == 0
    assert [line.split() for line in result.out.splitlines()] == [
        ["dossier", "severity", "code", "path", "message"],
        ["10", "warning", "date_after_deposit", "evenements[0].date", "after", "the", "deposit"],
        ["10", "error", "invalid", "identite.identifiant", *WRONG.message.split()],
        ["30", "warning", "date_after_deposit", "evenements[0].date", "after", "the", "deposit"],
    ]
    *counts, gaps = result.err.splitlines()
    assert gaps == "cra has never been synced whole: dossiers may be missing (ds-bridge sync cra)"
    assert [line.split() for line in counts] == [
        ["3", "anomalies", "in", "2", "dossiers"],
        ["2", "warning", "date_after_deposit"],
        ["1", "error", "invalid"],
    ]


def test_filters_and_json(config, store):
    fill(store)

    def listed(*options):
        result = run_command("anomalies", "cra", "--json", *options, config=config)
        return [(each["number"], each["code"]) for each in json.loads(result.out)]

    assert listed() == [(10, "date_after_deposit"), (10, "invalid"), (30, "date_after_deposit")]
    assert listed("--severity", "error") == [(10, "invalid")]
    assert listed("--code", "date_after_deposit", "--severity", "warning") == [
        (10, "date_after_deposit"), (30, "date_after_deposit"),
    ]  # fmt: skip
    assert listed("--code", "invalid", "--code", "other") == [(10, "invalid")]
    assert listed("--code", "other") == []
    assert listed("--code", "date_after_deposit", "--severity", "error") == []
    [one] = json.loads(run_command("anomalies", "cra", "--json", "--code", "invalid", config=config).out)
    assert one == {
        "number": 10,
        "path": "identite.identifiant",
        "code": "invalid",
        "severity": "error",
        "message": "the value is not valid (int_parsing)",
    }


def test_with_json_logs_the_counts_are_events(config, store):
    fill(store)
    result = run_command("anomalies", "cra", "--log-format", "json", config=config)
    events = [json.loads(line) for line in result.err.splitlines()]
    assert [event.get("count") for event in events] == [None, 2, 1, None]
    assert events[1]["code"] == "date_after_deposit"


def test_nothing_wrong(config, store):
    store.begin_run(DEMARCHE, "r1", NOON)
    store.finish_run("r1", {"outcome": "complete"}, NOON)
    result = run_command("anomalies", "cra", config=config)
    assert (result.code, result.err) == (0, "0 anomalies in 0 dossiers\n")


def test_no_store_yet(config):
    assert run_command("anomalies", "cra", config=config).code == 1


def test_csv_is_as_dumps_are_and_runs_nothing(config, store, tmp_path):
    typed = SampleAnomaly("identite.nom", "odd", "warning", '=HYPERLINK(1);+2, "three"')
    store.save_page(DEMARCHE, [make_entry(10, anomalies=[DATE, typed]), make_entry(20)], None)
    result = run_command("anomalies", "cra", "--format", "csv", config=config)
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "dossier,path,code,severity,message",
            "10,evenements[0].date,date_after_deposit,warning,after the deposit",
            '10,identite.nom,odd,warning,"\'=HYPERLINK(1);\'+2, ""three"""',
        ],
    )
    assert result.err.splitlines()[0].strip() == "2 anomalies in 1 dossier"
    out = tmp_path / "anomalies.csv"
    written = run_command(
        "anomalies", "cra", "--format", "csv", "--code", "odd", "-o", str(out), config=config
    )
    assert (written.code, written.out) == (0, "")
    assert out.read_bytes().decode().splitlines() == [result.out.splitlines()[0], result.out.splitlines()[2]]
    for options in (("--json", "--format", "csv"), ("-o", str(out)), ("--accept-valid", "--format", "csv")):
        refused = run_command("anomalies", "cra", *options, config=config)
        assert (refused.code, refused.out) == (2, "")
