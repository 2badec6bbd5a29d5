"""The platform's table of errors, line by line."""

import email.utils
import time

import orjson
import pytest

from ds_bridge.api.answers import read_answer, read_rate_wait
from ds_bridge.errors import (
    BadDataError,
    BadRequestError,
    ConfigurationError,
    GarbledAnswerError,
    NotFoundError,
    OutOfScopeError,
    QueryTimeoutError,
    RateLimitedError,
    ServerFaultError,
    TokenExpiredError,
    TokenRefusedError,
    TooLargeQueryError,
)
from tests.recorded_answers import recorded


def graphql_error(code, message="said", data=None, **extensions):
    return orjson.dumps(
        {"errors": [{"message": message, "extensions": {"code": code, **extensions}}], "data": data}
    )


PARTIAL = {"demarche": {"dossiers": {"nodes": []}}}


@pytest.mark.parametrize(
    ("status", "body", "expected", "message"),
    [
        (403, graphql_error("forbidden"), TokenRefusedError, "said"),
        (
            403,
            graphql_error("forbidden", "Without a token, only persisted queries are allowed"),
            TokenRefusedError,
            r"^DossiersPage \(forbidden\): the platform does not know this token",
        ),
        (
            200,
            orjson.dumps(
                {
                    "errors": [
                        {"message": "Query has complexity of 90000, which exceeds max complexity of 60000"}
                    ]
                }
            ),
            TooLargeQueryError,
            "complexity of 90000",
        ),
        (
            200,
            orjson.dumps({"errors": [{"message": "This query is too large to execute."}]}),
            TooLargeQueryError,
            "too large",
        ),
        (403, graphql_error("forbidden", "Add 10.0.0.1/32"), TokenRefusedError, "Add 10.0.0.1/32"),
        (401, graphql_error("unauthorized", "Token expired"), TokenExpiredError, "has expired"),
        (200, graphql_error("unauthorized", "hidden due to permissions"), OutOfScopeError, "does not cover"),
        (200, graphql_error("not_found", "Demarche not found"), NotFoundError, "Demarche not found"),
        (400, graphql_error("graphql_parse_failed"), BadRequestError, "graphql_parse_failed"),
        (200, graphql_error("bad_request"), BadRequestError, "bad_request"),
        (200, graphql_error("undefinedField"), BadRequestError, "undefinedField"),
        (200, orjson.dumps({"errors": [{"message": "no extensions"}]}), BadRequestError, "no code"),
        (200, graphql_error("invalid_null", data=PARTIAL), BadDataError, "invalid_null"),
        (200, graphql_error("timeout", data=PARTIAL), QueryTimeoutError, "ran out of time"),
        (200, graphql_error("timeout"), QueryTimeoutError, "timeout"),
        (
            500,
            graphql_error("internal_server_error", exception_id="e-1"),
            ServerFaultError,
            "exception_id e-1",
        ),
        (502, b"<html>Bad Gateway</html>", ServerFaultError, "HTTP 502"),
        (503, b"", ServerFaultError, "HTTP 503"),
        (504, b"not json", ServerFaultError, "HTTP 504"),
        (200, b"<html>maintenance</html>", GarbledAnswerError, "HTML"),
        (200, b'{"data": {"dem', GarbledAnswerError, "cut or invalid JSON"),
        (200, b'{"data": "\xff\xfe"}', GarbledAnswerError, "cut or invalid JSON"),
        (200, b"", GarbledAnswerError, "0 bytes"),
        (200, b"[]", GarbledAnswerError, "no GraphQL"),
        (200, b"{}", GarbledAnswerError, "neither data nor errors"),
        (200, b'{"data": null}', GarbledAnswerError, "neither data nor errors"),
        (403, b"<html>WAF</html>", TokenRefusedError, "refused before"),
        (404, b"<html>", ConfigurationError, "check api.url"),
        (418, b"teapot", BadRequestError, "HTTP 418"),
    ],
)
def test_every_line_of_the_table(status, body, expected, message):
    with pytest.raises(expected, match=message) as caught:
        read_answer(status, {}, body, "DossiersPage")
    assert type(caught.value) is expected
    assert str(caught.value).startswith("DossiersPage")


def test_a_good_answer_is_its_data():
    assert read_answer(200, {}, b'{"data": {"a": 1}}', "X") == {"a": 1}


def test_of_several_errors_a_timeout_wins_wherever_it_stands():
    body = orjson.dumps(
        {"errors": [{"message": "a"}, {"message": "b", "extensions": {"code": "timeout"}}, {"message": "c"}]}
    )
    with pytest.raises(QueryTimeoutError):
        read_answer(200, {}, body, "X")


def test_a_redirect_is_told_not_followed():
    with pytest.raises(
        ConfigurationError, match=r"moved to https://new\.example/api/v2/graphql: change api\.url"
    ):
        read_answer(301, {"Location": "https://new.example/api/v2/graphql"}, b"", "X")


def test_the_servers_exception_id_is_kept():
    with pytest.raises(ServerFaultError) as caught:
        read_answer(500, {}, graphql_error("internal_server_error", exception_id="abc"), "X")
    assert caught.value.exception_id == "abc"


def test_a_429_waits_on_the_platforms_clock():
    ahead = time.time() + 3600
    headers = {
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(int(ahead) + 20),
        "Date": email.utils.formatdate(int(ahead), usegmt=True),
    }
    with pytest.raises(RateLimitedError) as caught:
        read_answer(429, headers, b"Calme toi", "X")
    assert caught.value.wait_seconds == 21.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        (
            {"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"},
            31.0,
        ),
        ({"RateLimit-Reset": "5", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 1.0),
        ({"RateLimit-Reset": "soon", "Retry-After": "later"}, 60.0),
        ({"RateLimit-Reset": "9" * 400}, 60.0),
        ({"RateLimit-Reset": "9" * 5000}, 60.0),
        ({"Retry-After": "9" * 5000}, 60.0),
        ({"Retry-After": f"Mon, 01 Jan {10**20} 00:00:00 GMT"}, 60.0),
        ({"Retry-After": "Mon, 01 Jan 2026 00:00:00 +99999999999999"}, 60.0),
        ({"Date": f"Mon, 01 Jan {10**20} 00:00:00 GMT", "Retry-After": "7"}, 7.0),
        ({"Date": "Mon, 01 Jan 0001 00:00:00 +9999", "Retry-After": "7"}, 7.0),
        ({}, 60.0),
    ],
)
def test_how_long_a_429_asks_for(headers, seconds):
    assert read_rate_wait(headers) == seconds


def test_long_messages_are_cut():
    with pytest.raises(BadRequestError) as caught:
        read_answer(200, {}, graphql_error("bad_request", "x" * 5000), "X")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("extensions", [["a"], "text", 3, None])
def test_odd_extensions_are_an_error_like_any_other(extensions):
    body = orjson.dumps({"errors": [{"message": "x", "extensions": extensions}]})
    with pytest.raises(BadRequestError, match="no code"):
        read_answer(200, {}, body, "Q")


RECORDED_REFUSALS = {
    "bad_date": BadRequestError,
    "body_broken": BadRequestError,
    "body_empty": BadRequestError,
    "demarche_of_another_administrator": OutOfScopeError,
    "dossier_draft": NotFoundError,
    "dossier_purged": NotFoundError,
    "expired_token": TokenExpiredError,
    "forbidden_network": TokenRefusedError,
    "missing_variable": BadRequestError,
    "no_token": TokenRefusedError,
    "operation_name_unknown": BadRequestError,
    "rna_commune": ServerFaultError,
    "syntax_error": BadRequestError,
    "token_out_of_scope": OutOfScopeError,
    "too_deep": TooLargeQueryError,
    "too_many_requests": RateLimitedError,
    "unknown_field": BadRequestError,
    "unknown_token": TokenRefusedError,
    "variables_broken_json": BadRequestError,
}


@pytest.mark.parametrize("name", RECORDED_REFUSALS)
def test_the_platform_s_own_refusals(name):
    case = recorded(f"refusals/{name}")
    body = case["body"] if isinstance(case["body"], str) else orjson.dumps(case["body"]).decode()
    with pytest.raises(RECORDED_REFUSALS[name]) as caught:
        read_answer(case["status"], case["headers"], body.encode(), "Q")
    assert type(caught.value) is RECORDED_REFUSALS[name]
    assert "Without a token" not in str(caught.value)


def test_invalid_null_carries_what_came_around_it():
    """Recorded: the path names the culprit, the rest is there."""
    body = recorded("refusals/degraded_company_without_its_fragment")["body"]
    with pytest.raises(BadDataError) as caught:
        read_answer(200, {}, orjson.dumps(body | {"data": {"dossier": None}}), "Q")
    assert [path for path, _ in caught.value.paths] == [("dossier", "demandeur", "address", "label")]
    assert caught.value.data == {"dossier": None}
    without_data = read_refusal(orjson.dumps(body))
    assert (without_data.paths, without_data.data) == ((), None)
    mixed = {"errors": [*body["errors"], {"message": "no path", "extensions": {"code": "invalid_null"}}]}
    assert read_refusal(orjson.dumps(mixed | {"data": {}})).paths == ()


def read_refusal(body):
    with pytest.raises(BadDataError) as caught:
        read_answer(200, {}, body, "Q")
    return caught.value
