"""Counters: metrics of the service for Prometheus. Routes, statuses, times, names of démarches; nothing
personal."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Counters:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "ds_bridge_web_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "ds_bridge_web_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._prefills = Counter(
            "ds_bridge_web_prefills",
            "Links and drafts made.",
            ("demarche", "method"),
            registry=registry,
        )
        self.in_flight = Gauge("ds_bridge_web_requests_in_flight", "Requests under way.", registry=registry)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One more request. `route` is a template: `/v1/demarches/{name}/prefill`."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_prefill(self, demarche: str, method: str) -> None:
        """One more link or draft."""
        self._prefills.labels(demarche, method).inc()

    def write(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)
