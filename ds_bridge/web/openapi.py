"""OpenAPI: the description of the service, with every answer and every problem. For `/docs` and programs."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ds_bridge.web.problems import KINDS, MEDIA_TYPE, TYPE_PREFIX, ProblemDocument

TITLE = "ds-bridge"
SUMMARY = "Prefilled and deposited dossiers of Démarches Simplifiées, for a dashboard."
DESCRIPTION = """\
Makes addresses that open a prefilled dossier, describes the forms behind them, and gives out the dossiers
that the last sync brought.

Every address under `/v1` needs a key: `Authorization: Bearer <key>`. Whatever is not a success is a problem
document (RFC 9457, `application/problem+json`) whose `type` is stable. Call it from a server: a key in a web
page is everybody's.
"""

_SECURITY_NAME = "key"
_REF = "#/components/schemas/ProblemDocument"
_RETRY_AFTER = {
    "description": "Seconds to wait.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {
        "WWW-Authenticate": {
            "description": "The scheme to use.",
            "required": True,
            "schema": {"type": "string"},
        }
    },
    429: {"Retry-After": _RETRY_AFTER},
    503: {"Retry-After": _RETRY_AFTER},
}
_TAGS = [
    {"name": "prefill", "description": "Links and drafts, and the forms they are for."},
    {"name": "dossiers", "description": "What the last sync brought."},
    {"name": "monitoring", "description": "Without a key, without data."},
]


def declare(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an endpoint may answer with, for FastAPI's `responses`."""
    return {status: _describe_problem(status) for status in statuses}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=TITLE,
            version=metadata.version("ds-bridge"),
            summary=SUMMARY,
            description=DESCRIPTION,
            routes=app.routes,
            tags=_TAGS,
            license_info={"name": "MIT", "identifier": "MIT"},
        )
        _add_problems(document)
        _add_security(document)
        app.openapi_schema = document
    return app.openapi_schema


def _describe_problem(status: int) -> dict[str, Any]:
    kind = KINDS[status]
    example: dict[str, Any] = {
        "type": TYPE_PREFIX + kind.name,
        "title": kind.title,
        "status": status,
        "detail": kind.remedy,
    }
    if status == 422:
        example["detail"] = "1 value cannot be sent: nothing was made."
        example["problems"] = [
            {"champ": "date_lancement", "code": "bad_date", "message": "not a date: 2024-05-30 is accepted"}
        ]
    answer: dict[str, Any] = {
        "description": f"{kind.title}. {kind.remedy}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF}, "example": example}},
    }
    if status in _HEADERS:
        answer["headers"] = _HEADERS[status]
    return answer


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["ProblemDocument"] = problem
    # The framework adds its own shape of a 422 to every route with a parameter. The service never sends it.
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if (
                MEDIA_TYPE
                not in operation["responses"].get("422", {"content": {MEDIA_TYPE: None}})["content"]
            ):
                del operation["responses"]["422"]


def _add_security(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        _SECURITY_NAME: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made with `ds-bridge serve --new-key NAME`.",
        }
    }
    for path, operations in document["paths"].items():
        if path.startswith("/v1/"):
            for operation in operations.values():
                operation["security"] = [{_SECURITY_NAME: []}]
