"""`/docs`: the OpenAPI document as a page, rendered here: no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the page shows it."""

    method: str
    path: str
    content: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the body that it takes."""
        if "requestBody" not in self.content:
            return None
        return self._resolve(self.content["requestBody"]["content"]["application/json"]["schema"])

    @property
    def answer(self) -> dict[str, Any] | None:
        """The schema of the answer when all goes well, if it has one worth showing."""
        (content,) = self.content["responses"]["200"]["content"].values()
        schema = self._resolve(content["schema"])
        return schema if "properties" in schema else None

    def example(self, schema: dict[str, Any]) -> str | None:
        """The example of a schema, as text."""
        examples = schema.get("examples")
        return json.dumps(examples[0], ensure_ascii=False, indent=2) if examples else None

    def properties(self, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Names and descriptions, those of an inner object below its own."""
        for name, described in schema["properties"].items():
            yield name, described.get("description", "")
            for choice in (described, *described.get("anyOf", ())):
                inner = self._resolve(choice)
                if inner is not choice:
                    for inner_name, text in self.properties(inner):
                        yield f"{name}.{inner_name}", text

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in schema:
            return schema
        found = self.schemas[schema["$ref"].rpartition("/")[2]]
        assert isinstance(found, dict)  # noqa: S101 - for the type checker: a schema is an object
        return found


def render(document: dict[str, Any]) -> HTMLResponse:
    """The page."""
    schemas = document["components"]["schemas"]
    operations = [
        Operation(method.upper(), path, content, schemas)
        for path, methods in document["paths"].items()
        for method, content in methods.items()
    ]
    style = _read_style()
    html = (
        _load()
        .get_template("docs.html")
        .render(
            document=document,
            operations=operations,
            style=Markup(style),  # noqa: S704 - our own file
        )
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _allow(style), "Cache-Control": "no-cache"})


def _allow(style: str) -> str:
    """A policy for the page's own style and nothing else: no script, no image, no connection."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def _read_style() -> str:
    return (files("ds_bridge.web") / "docs.css").read_text(encoding="utf-8")


@cache
def _load() -> Environment:
    environment = Environment(
        loader=PackageLoader("ds_bridge.web", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _mark_code
    return environment


def _mark_code(text: str) -> Markup:
    """`x` of a description as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before
