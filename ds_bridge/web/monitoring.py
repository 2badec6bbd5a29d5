"""Monitoring: answers monitors, without a key: is the process alive, can it serve, and metrics. No data."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ds_bridge.web import counters
from ds_bridge.web.answers import HealthAnswer, ReadyAnswer
from ds_bridge.web.openapi import declare
from ds_bridge.web.problems import unavailable
from ds_bridge.web.routes import NoticedRoute
from ds_bridge.web.service import Service

router = APIRouter(route_class=NoticedRoute, tags=["monitoring"])

_TEXT = {
    "description": "Metrics in Prometheus's text format.",
    "content": {"text/plain": {"schema": {"type": "string"}, "example": "ds_bridge_web_requests_total 1.0"}},
}


@router.get("/healthz", operation_id="health", summary="Is the process there?", responses=declare(500))
async def read_health() -> HealthAnswer:
    """Answers as long as the process is alive. Restart the process when this fails."""
    return HealthAnswer()


@router.get("/readyz", operation_id="ready", summary="Can it serve?", responses=declare(500, 503))
def read_readiness(request: Request) -> ReadyAnswer:
    """The configuration is sound and the store can be read. Send no requests here while this fails."""
    service: Service = request.app.state.service
    checks = service.check()
    wrong = [f"{name}: {result}" for name, result in checks.items() if result not in ("ok", "not used")]
    if wrong:
        raise unavailable("Not ready. " + "; ".join(wrong) + ".")
    return ReadyAnswer(checks=checks)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="How does it fare?",
    response_class=Response,
    responses={200: _TEXT, **declare(500)},
)
def read_metrics(request: Request) -> Response:
    """Requests by route and status, how long they took, links and drafts made. Nothing of a person."""
    service: Service = request.app.state.service
    return Response(service.counters.write(), media_type=counters.MEDIA_TYPE)
