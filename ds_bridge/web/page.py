"""`/docs`: shows the OpenAPI document with Swagger UI. The page loads nothing from other servers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response
from starlette.responses import HTMLResponse

from ds_bridge.web.routes import NoticedRoute

router = APIRouter(route_class=NoticedRoute, include_in_schema=False)

_OURS, _SWAGGER = "ds_bridge.web", "fastapi_swagger.resources"
_FILES: Mapping[str, tuple[str, str]] = {
    "swagger-ui-bundle.js": (_SWAGGER, "text/javascript"),
    "swagger-ui.css": (_SWAGGER, "text/css"),
    "favicon-32x32.png": (_SWAGGER, "image/png"),
    "docs.js": (_OURS, "text/javascript"),
    "docs.css": (_OURS, "text/css"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/docs")
def read_page() -> HTMLResponse:
    """The page. Its files have relative addresses, so a reverse proxy may add a prefix."""
    return HTMLResponse(
        (files(_OURS) / "docs.html").read_bytes(),
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
    )


@router.get("/docs/{name}")
def read_file(name: str) -> Response:
    """A script, a style or an image of the page."""
    if name not in _FILES:
        raise HTTPException(404)
    package, media_type = _FILES[name]
    return Response(
        (files(package) / name).read_bytes(),
        media_type=media_type,
        headers={"Cache-Control": "public, max-age=3600"},
    )
