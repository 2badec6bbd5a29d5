"""Bodies that are too long, too deep, undeclared or no JSON: refused in words, and the service goes on."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ds_bridge.web.bodies import parse
from ds_bridge.web.problems import ProblemError
from tests.web.raw import connect, read_answer, write_head

PATH = "/v1/demarches/cra/prefill"


def post(service, content, content_type="application/json"):
    headers = {"Content-Type": content_type} if content_type else {}
    return service.client.post(PATH, content=content, headers=headers)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "text/json",
    ],
)
def test_only_json_is_taken(service, content_type):
    answer = post(service, b"{}", content_type)
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:problem-type:ds-bridge:not-json"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'],
)
def test_json_by_any_of_its_names(service, content_type):
    assert post(service, b"{}", content_type).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'nom': 1}", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        ('{"champs": {"1": "é"}}'.encode("latin-1"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"champs": {"1": NaN}}', "NaN"),
        (b'{"champs": {"1": -Infinity}}', "NaN and Infinity"),
        (b'{"champs": {"1": "a", "1": "b"}}', "same key twice"),
        (rb'{"champs": {"1": "\ud83c"}}', "half a character"),
        (rb'{"champs": {"\udf89": "a"}}', "half a character"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 50_000, "nested too deep"),
        (b"[" * 50 + b"]" * 50, "nested too deep"),
        (b'{"champs": {"1": ' + b"9" * 5000 + b"}}", "too many digits"),
        (b'{"champs": {"1": 1.' + b"9" * 5000 + b"}}", "too many digits"),
        (b'{"champs": {"1": 1e' + b"9" * 30 + b"}}", "too many digits"),
    ],
)
def test_what_is_no_json_or_ambiguous(service, body, words):
    answer = post(service, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "urn:problem-type:ds-bridge:malformed-request"
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"1.5",
        b'{"champs": []}',
        b'{"champs": 1.5}',
        b'{"identity": 1}',
        b'{"identity": 1.5}',
        b'{"method": "post"}',
    ],
)
def test_json_of_another_shape(service, body):
    answer = post(service, body)
    assert answer.status_code == 422
    assert answer.json()["problems"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (10**30, None),
        ("1e400", "bad_number"),
        (True, "wrong_type"),
        ([1], "wrong_type"),
        ("\x00", "bad_character"),
    ],
)
def test_extreme_values_are_answered(service, value, code):
    answer = service.client.post(PATH, json={"champs": {"identifiant": value}})
    found = [each["code"] for each in answer.json().get("problems", [])]
    assert (answer.status_code, found) == ((422, [code]) if code else (200, []))


def test_numbers_stay_what_was_written(service):
    form = service.client.get("/v1/demarches/tout/form").json()
    decimal = next(each["id"] for each in form["champs"] if each["kind"] == "decimal_number")
    body = b'{"champs": {"%s": 12345678901234567.125}}' % decimal.encode()
    answer = service.client.post(
        "/v1/demarches/tout/prefill", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["url"].endswith("=12345678901234567.125")


def test_a_body_too_long_is_not_read(start, platform):
    service = start(platform.url, web="max_body_bytes = 1024")
    declared = connect(service)
    declared.sendall(write_head(service, "Content-Length: 100000000"))
    status, headers, problem = read_answer(declared)
    assert (status, headers["connection"]) == (413, "close")
    assert problem["type"] == "urn:problem-type:ds-bridge:body-too-large"
    chunked = connect(service)
    chunk = b"200\r\n" + b" " * 512 + b"\r\n"
    chunked.sendall(write_head(service, "Transfer-Encoding: chunked") + chunk * 3)
    status, headers, problem = read_answer(chunked)
    assert (status, problem["detail"]) == (413, "A body has 1024 bytes at most.")
    within = connect(service)
    within.sendall(write_head(service, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n")
    assert read_answer(within)[0] == 200


def test_a_length_that_is_none(service):
    for length in ("-1", "x", "9" * 5000, "²"):
        connection = connect(service)
        connection.sendall(write_head(service, f"Content-Length: {length}").replace("²".encode(), b"\xb2"))
        with connection, connection.makefile("rb") as stream:
            assert stream.readline().split()[1] in (b"400", b"413")
    assert service.client.get("/healthz").status_code == 200


def test_noise_is_logged_as_an_event_and_answered(start, platform):
    service = start(platform.url)
    with connect(service) as connection:
        connection.sendall(b"\x16\x03\x01 nom=NOEL \r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert service.client.get("/healthz").status_code == 200
    service.stop()
    assert [event["event"] for event in service.events() if "Invalid" in event["event"]]
    assert "NOEL" not in "".join(service.lines)


texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@settings(max_examples=150)
@given(values, st.booleans())
def test_json_is_read_back(value, ascii_only):
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    if depth(value) <= 6:
        assert parse(body) == value
    else:
        with pytest.raises(ProblemError):
            parse(body)


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-\\u tnfd').map(str.encode))
def test_anything_at_all_is_json_or_refused(body):
    with suppress(ProblemError):
        assert json.dumps(parse(body), default=str)


def test_fractions_are_exact():
    assert parse(b"[1.10, 1e2, -0.0]") == [Decimal("1.10"), Decimal("1e2"), Decimal("-0.0")]
