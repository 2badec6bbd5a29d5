"""Whatever is sent to the service, it answers or ends the connection, writes no trace, and goes on."""

import json
from contextlib import suppress

from hypothesis import strategies as st

from tests.web.conftest import keys, platform, service  # noqa: F401 - fixtures of the service's own tests
from tests.web.raw import connect

methods = st.sampled_from([b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"\x16\x03", b"get", b""])
paths = st.sampled_from(
    [
        b"/",
        b"/healthz",
        b"/v1/demarches",
        b"/v1/demarches/cra/prefill",
        b"/v1/demarches/%00/prefill",
        b"/../x",
        b"*",
    ]
) | st.binary(max_size=40)
names = st.sampled_from(
    [
        b"Host",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Authorization",
        b"Content-Type",
        b"Expect",
        b"Upgrade",
        b"Connection",
    ]
) | st.binary(max_size=12)
contents = st.sampled_from(
    [
        b"x",
        b"0",
        b"-1",
        b"5",
        b"9" * 400,
        b"chunked",
        b"application/json",
        b"100-continue",
        b"websocket",
        b"close",
    ]
) | st.binary(max_size=30)
bodies = st.sampled_from(
    [b"", b"{}", b"[" * 5000, b'{"champs": {"1": 1e999}}', b"5\r\nabcde\r\n0\r\n\r\n"]
) | st.binary(max_size=200)
requests = st.builds(
    lambda method, path, headers, body: (
        b"%s %s HTTP/1.1\r\n%s\r\n%s"
        % (method, path, b"".join(b"%s: %s\r\n" % header for header in headers), body)
    ),
    methods,
    paths,
    st.lists(st.tuples(names, contents), max_size=5),
    bodies,
) | st.binary(max_size=400)


def test_any_bytes(service, fuzz):  # noqa: F811 - the fixture
    def check(sent):
        with connect(service) as connection:
            connection.settimeout(0.05)
            with suppress(OSError):
                connection.sendall(sent)
                answer = connection.recv(4096)
                assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
                assert not answer.startswith(b"HTTP/1.1 500")

    fuzz(requests, check)
    assert service.client.get("/healthz").status_code == 200
    for line in list(service.lines):
        assert "Traceback" not in line
        assert json.loads(line)["level"] != "error", line


keys_sent = st.sampled_from(["identity", "champs", "method", "nom", "identifiant", "7", "é", "x" * 300])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys_sent, inner, max_size=4),
    max_leaves=12,
)


def test_any_json(service, fuzz):  # noqa: F811 - the fixture
    def check(value):
        body = json.dumps(value).encode("utf-8", "replace")
        answer = service.client.post(
            "/v1/demarches/cra/prefill", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (200, 400, 413, 422, 429), answer.text

    fuzz(values, check)
