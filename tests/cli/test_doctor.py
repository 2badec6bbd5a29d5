"""`doctor`: all is well, or one thing is wrong and it says which; the code says what to mend first."""

import json
import re
import socket
import stat
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ds_bridge.health.doctor.instance import list_queries
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.store.tables import REVISION
from tests.cli.commands import run_command, write_config, write_sandbox_config

PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
CRA = f'[demarches.cra]\nnumber = 82349\npath = "{PATH}"\nmodel = "ds_bridge.cra:CompteRendu"\n'
CARRIED = "a link carries nom, prenom, email, identifiant, structure_nom, structure_identifiant"
CHAMPS = '[demarches.cra.champs]\nnom = "Q2hhbXAtMzU2NjQ5MQ"\nidentifiant = "3566523"\n'


@pytest.fixture(scope="module")
def server():
    with SandboxServer(seed=2, dossiers=10, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def healthy(server):
    """The same one, with whatever a test did to it undone."""
    yield server
    server.faults.clear()
    server.faults.skew_seconds = 0
    server.world.set_demarche(82349, opendata=True, state="publiee")


def write(tmp_path, server, demarches=CRA + CHAMPS, **settings):
    config = write_sandbox_config(tmp_path, server, demarches, **settings)
    config.chmod(0o600)
    return config


def examine(config, *names):
    result = run_command("doctor", *names, "--json", config=config)
    report = json.loads(result.out)
    assert report["exit_code"] == result.code
    return result.code, report["findings"]


def bad(findings):
    return [
        (each["check"], each["demarche"], each["verdict"]) for each in findings if each["verdict"] != "ok"
    ]


def found(findings, check, verdict):
    return [each["found"] for each in findings if (each["check"], each["verdict"]) == (check, verdict)]


def test_all_is_well(server, tmp_path):
    config = write(tmp_path, server)
    assert run_command("sync", config=config).code == 0
    code, findings = examine(config)
    assert (code, bad(findings)) == (0, [])
    checks = list(dict.fromkeys(each["check"] for each in findings))
    assert checks == [
        "configuration", "reachability", "clock", "queries", "token", "dossier", "store", "form", "prefill",
    ]  # fmt: skip
    assert found(findings, "queries", "ok") == [
        f"all {len(list_queries())} queries are valid on this instance's schema"
    ]
    assert found(findings, "token", "ok") == [
        "accepted; it sees 1 of 1 démarches",
        "whether it is read-only, and its last day: unknown, the API tells neither",
    ]
    opened, good, shown = found(findings, "store", "ok")
    assert opened == f"<Store {str(tmp_path / 'store.db')!r}> opens, version {REVISION}"
    assert re.fullmatch(r"last good run \d+ s ago, 10 dossiers, \d invalid", good)
    assert shown == (
        "views for SQL: cra_accompagnements, cra_anomalies, cra_dossiers, cra_evenements, cra_partenariats"
    )
    assert found(findings, "prefill", "ok") == [
        "the path is the current one, and the form is open data",
        "2 of 2 configured champs can be prefilled",
        CARRIED,
    ]
    assert server.token not in json.dumps(findings)


def test_a_table_for_people(server, tmp_path):
    config = write(tmp_path, server)
    result = run_command("doctor", config=config)
    assert result.code == 0
    assert re.fullmatch(r"0 failures, 0 warnings, \d+ well \(-v lists them\)\n", result.out)
    result = run_command("doctor", "-v", config=config)
    lines = result.out.splitlines()
    assert lines[0].split() == ["check", "of", "found", "what", "to", "do"]
    assert any(line.startswith("ok") and "cra.nom" in line for line in lines)
    assert lines[-1].startswith("0 failures, 0 warnings, ")
    assert not (tmp_path / "store.db").exists(), "looking makes no store"


def test_a_check_is_remembered_and_the_next_one_says_so(server, tmp_path):
    config = write(tmp_path, server)
    assert run_command("sync", config=config).code == 0
    _, first = examine(config)
    _, second = examine(config)
    assert found(first, "form", "ok")[0].endswith("never checked before")
    assert "as at the check of" in found(second, "form", "ok")[0]
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        check = store.read_form_check(82349)
        assert (check.revision, len(check.fingerprint)) == (first_revision(first), 64)


def first_revision(findings):
    return next(each["details"]["revision"] for each in findings if each["check"] == "form")


def test_no_configuration_that_can_be_read(tmp_path):
    config = write_config(tmp_path, "[demarches.cra]\nnumbre = 1\n")
    code, findings = examine(config)
    assert (code, bad(findings)) == (2, [("configuration", None, "failure")])
    assert "did you mean 'number'?" in findings[0]["found"]
    code, findings = examine(write_config(tmp_path, "[demarches.cra]\nnumber = 1\n"), "crs")
    assert code == 2
    assert "no démarche named 'crs'" in findings[0]["found"]


def test_secrets_that_everybody_can_read(server, tmp_path):
    config = write(tmp_path, server)
    config.chmod(0o644)
    secret = tmp_path / "token.txt"
    _, findings = examine(config)
    (told,) = found(findings, "configuration", "warning")
    assert "which holds the token" in told
    assert "mode 0644" in told
    secret.write_text(server.token)
    secret.chmod(0o604)
    config.write_text(f'[api]\nurl = "{server.url}"\ntoken_file = "token.txt"\n{CRA}')
    code, findings = examine(config)
    assert code == 0
    (told,) = found(findings, "configuration", "warning")
    assert told.startswith("api.token_file")
    assert "mode 0604" in told
    secret.chmod(0o600)
    assert bad(examine(config)[1]) == []


def test_a_store_that_others_can_read(server, tmp_path):
    config = write(tmp_path, server)
    assert run_command("sync", config=config).code == 0
    (tmp_path / "store.db").chmod(0o640)
    _, findings = examine(config)
    assert bad(findings) == [("store", None, "warning")]
    assert stat.S_IMODE((tmp_path / "store.db").stat().st_mode) == 0o640


def test_what_is_no_store(server, tmp_path):
    config = write(tmp_path, server)
    (tmp_path / "store.db").write_text("hello")
    code, findings = examine(config)
    assert bad(findings) == [("store", None, "failure")]
    assert code == 1


def test_a_store_whose_folder_is_not_there(server, tmp_path):
    config = write(tmp_path, server)
    config.write_text(config.read_text().replace("sqlite:///store.db", "sqlite:///nowhere/store.db"))
    code, findings = examine(config)
    assert (code, bad(findings)) == (1, [("store", None, "failure")])


def test_a_demarche_never_synced(server, tmp_path):
    config = write(tmp_path, server, CRA + "[demarches.autre]\nnumber = 99001\n")
    assert run_command("sync", "cra", config=config).code == 0
    _, findings = examine(config)
    assert bad(findings) == [("store", "autre", "warning")]
    assert found(findings, "store", "warning") == ["no good run yet (last run: never)"]


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("expired", "the token has expired"),
        ("network", "forbidden network"),
        ("nobody", "the platform does not know this token"),
    ],
)
def test_a_token_that_is_refused(server, tmp_path, token, words):
    secret = server.world.token(token) if token != "nobody" else "abc"
    config = write(tmp_path, server, CRA + "[demarches.autre]\nnumber = 99001\n")
    config.write_text(config.read_text().replace(server.token, secret))
    code, findings = examine(config)
    assert (code, bad(findings)) == (3, [("token", None, "failure")]), "asked once, not for each démarche"
    (told,) = found(findings, "token", "failure")
    assert words in told
    assert secret not in json.dumps(findings)


def test_a_demarche_out_of_scope_and_one_that_is_none(server, tmp_path):
    config = write(tmp_path, server, CRA)
    config.write_text(config.read_text().replace(server.token, server.world.token("narrow")))
    code, findings = examine(config)
    assert (code, bad(findings)) == (3, [("token", "cra", "failure")])
    config = write(tmp_path, server, CRA + "[demarches.rien]\nnumber = 5\n")
    code, findings = examine(config)
    assert (code, bad(findings)) == (2, [("token", "rien", "failure")])
    assert found(findings, "token", "ok")[0] == "accepted; it sees 1 of 2 démarches"


def test_no_token_at_all(server, tmp_path):
    config = write_config(tmp_path, CRA, api=f'url = "{server.url}"')
    code, findings = examine(config)
    assert code == 3
    assert bad(findings) == [("configuration", None, "failure")]
    assert found(findings, "queries", "ok"), "what needs no token is looked at"


def test_clocks_that_differ(healthy, tmp_path):
    healthy.faults.skew_seconds = 150
    code, findings = examine(write(tmp_path, healthy))
    assert code == 0
    (told,) = found(findings, "clock", "warning")
    assert told in {
        f"this machine's clock is 0:02:{seconds} behind the platform's" for seconds in (29, 30, 31)
    }
    healthy.faults.skew_seconds = 40
    assert bad(examine(write(tmp_path, healthy))[1]) == []


def test_a_platform_that_fails(healthy, tmp_path):
    healthy.faults.add(Fault(action="html"))
    code, findings = examine(write(tmp_path, healthy))
    assert (code, bad(findings)) == (4, [("reachability", None, "failure")])
    assert not found(findings, "token", "failure"), "what stands behind is not asked"


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_an_address_where_nobody_answers(tmp_path):
    for url, words in (
        (f"http://127.0.0.1:{unused_port()}", "resolves and does not answer"),
        ("https://nothing.invalid", "does not resolve (DNS)"),
    ):
        config = write_config(tmp_path, CRA, api=f'url = "{url}"\ntoken = "t"')
        code, findings = examine(config)
        assert code == 4
        assert words in found(findings, "reachability", "failure")[0]


def test_an_instance_without_tls(server, tmp_path):
    url = server.url.replace("http:", "https:")
    config = write_config(tmp_path, CRA, api=f'url = "{url}"\ntoken = "t"')
    code, findings = examine(config)
    assert code == 4
    assert "no encrypted connection can be made (TLS)" in found(findings, "reachability", "failure")[0]


def test_certificates_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    config = write_config(tmp_path, CRA, api='url = "https://nothing.invalid"\ntoken = "t"')
    code, findings = examine(config)
    assert code == 2
    assert "SSL_CERT_FILE" in found(findings, "reachability", "failure")[0]


@contextmanager
def redirecting(target):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(301)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_instance_that_moved(tmp_path):
    with redirecting("https://demarche.example/api/v2/graphql") as url:
        config = write_config(tmp_path, CRA, api=f'url = "{url}"\ntoken = "t"')
        code, findings = examine(config)
    assert code == 2
    (told,) = [each for each in findings if each["check"] == "reachability"]
    assert told["found"] == f"{url} sends everybody to https://demarche.example (HTTP 301)"
    assert told["remedy"] == 'set api.url = "https://demarche.example"'


def test_an_old_path(server, tmp_path):
    old = "compte-rendu-d-activite-cra-conseiller-numerique-c"
    code, findings = examine(write(tmp_path, server, CRA.replace(PATH, old) + CHAMPS))
    assert (code, bad(findings)) == (2, [("prefill", "cra", "failure")])
    (told,) = [each for each in findings if each["verdict"] == "failure"]
    assert told["remedy"] == f'set demarches.cra.path = "{PATH}"'
    assert found(findings, "prefill", "ok") == ["2 of 2 configured champs can be prefilled", CARRIED]


def test_a_form_that_no_link_can_reach(healthy, tmp_path):
    config = write(tmp_path, healthy)
    healthy.world.set_demarche(82349, opendata=False)
    code, findings = examine(config)
    assert (code, bad(findings)) == (2, [("prefill", "cra", "failure")])
    healthy.world.set_demarche(82349, opendata=True, state="close")
    code, findings = examine(config)
    assert (code, bad(findings)) == (0, [("prefill", "cra", "warning")])
    healthy.world.set_demarche(82349, state="brouillon")
    code, findings = examine(config)
    assert (code, bad(findings)) == (0, [("prefill", "cra", "warning")])
    assert found(findings, "prefill", "warning") == ["the démarche is a draft: its links are for tests"]


def test_a_path_of_another_demarche(server, tmp_path):
    text = f'[demarches.tout]\nnumber = 99001\npath = "{PATH}"\n'
    code, findings = examine(write(tmp_path, server, text))
    assert code == 2
    assert found(findings, "prefill", "failure") == [
        f"the path {PATH!r} is that of démarche 82349, not 99001"
    ]


def test_champs_that_are_not_there_or_not_for_links(server, tmp_path):
    form = server.world.form(99001)
    fichier = next(champ for champ in form.active.champs if champ.kind == "piece_justificative")
    text = (
        f'[demarches.tout]\nnumber = 99001\npath = "{form.path}"\n'
        f'champs = {{ fichier = "{fichier.stable}", rien = "5" }}\n'
    )
    code, findings = examine(write(tmp_path, server, text))
    assert code == 2
    told = [(each["check"], each["field"], each["verdict"]) for each in findings if each["field"]]
    assert told == [("prefill", "fichier", "warning"), ("prefill", "rien", "failure")]
    assert "the configured champ 5 (Q2hhbXAtNQ) is not on the form" in found(findings, "form", "failure")[0]


def test_a_model_that_cannot_be_loaded(server, tmp_path):
    code, findings = examine(write(tmp_path, server, CRA.replace("CompteRendu", "Compterendu")))
    assert code == 2
    assert found(findings, "configuration", "failure") == [
        "model 'ds_bridge.cra:Compterendu': ds_bridge.cra has no 'Compterendu'"
    ]


def test_configuration_comes_before_access_and_access_before_the_platform(server, tmp_path):
    config = write(tmp_path, server, CRA.replace("CompteRendu", "Compterendu"))
    config.write_text(config.read_text().replace(server.token, server.world.token("expired")))
    code, findings = examine(config)
    assert code == 2
    assert {each["check"] for each in findings if each["verdict"] == "failure"} >= {"configuration", "token"}


def poison(server, count):
    """The oldest dossiers fail, in the order of a walk."""
    for _, number in list(server.world.demarches[82349].by_modification.forward())[:count]:
        server.faults.poison(number, "invalid_null")


def test_what_every_dossier_fails_on_is_seen_before_the_night(tmp_path, healthy):
    poison(healthy, 10)
    code, findings = examine(write(tmp_path, healthy), "cra")
    assert (code, bad(findings)) == (4, [("dossier", "cra", "failure")])
    (told,) = found(findings, "dossier", "failure")
    assert "neither the oldest nor the latest dossier can be pulled whole" in told
    assert "Cannot return null" in told


def test_one_bad_dossier_is_a_warning(tmp_path, healthy):
    poison(healthy, 1)
    code, findings = examine(write(tmp_path, healthy), "cra")
    assert (code, bad(findings)) == (0, [("dossier", "cra", "warning")])


def test_a_demarche_without_dossiers_has_nothing_to_try(tmp_path):
    with SandboxServer(seed=2, dossiers=0, requests_per_minute=None) as server:
        _, findings = examine(write(tmp_path, server), "cra")
    assert found(findings, "dossier", "ok") == ["there is no dossier yet"]


def test_two_names_of_one_demarche(tmp_path, server):
    config = write(tmp_path, server, CRA + CHAMPS + "[demarches.libre]\nnumber = 82349\n")
    done = run_command("doctor", "--json", config=config)
    assert done.code == 2
    (finding,) = (each for each in json.loads(done.out)["findings"] if "one démarche" in each["found"])
    assert finding["found"].startswith("cra and libre are one démarche, 82349: each run maps it again")
    assert (finding["verdict"], finding["remedy"][:13]) == ("failure", "keep one name")
