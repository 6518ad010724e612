"""prometheus-client: the registry of one process, and the handler that shows it (OpenMetrics with exemplars where asked for)."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder


def new_registry(*, service: str, version: str) -> CollectorRegistry:
    """Return a registry with the process's own metrics and `build_info`. Parts register theirs in it; there is no global one."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    build = Gauge("build_info", "Always 1; the metric labels say what runs.", ("service", "version"), registry=registry)
    build.labels(service, version).set(1)
    return registry


def metrics_handler(registry: CollectorRegistry) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler of `/metrics`. Exemplars exist in OpenMetrics only: Prometheus asks for it by `Accept`."""

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    return metrics
