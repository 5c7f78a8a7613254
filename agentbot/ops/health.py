"""``/healthz``, ``/readyz``, ``/metrics`` and the operator's page, in the bot's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn import Config, Server

from agentbot import __version__
from agentbot.errors import ConfigurationError

_GOODBYE = 1
"""Seconds that a request under way is given when the bot stops. It takes milliseconds."""

NotReady = Callable[[], Mapping[str, str]]
"""Says what is not ready, by part, and why: ``{"socket": "not joined"}``. Empty: all is ready."""

Warnings = Callable[[], Mapping[str, str]]
"""Says what the operator should look at though all is ready, by part."""


def no_warnings() -> Mapping[str, str]:
    """Return no warning."""
    return {}


def build_app(
    registry: CollectorRegistry,
    not_ready: NotReady,
    warnings: Warnings = no_warnings,
    *,
    status: Route | None = None,
) -> Starlette:
    """Return the application; ``not_ready`` and ``warnings`` are asked at every ``/readyz``.

    ``status`` is the operator's page, if there is one.
    """

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"alive": True, "version": __version__})

    async def readyz(_request: Request) -> Response:
        waiting_for = dict(not_ready())
        status = 503 if waiting_for else 200
        said: dict[str, object] = {"ready": not waiting_for, "waiting_for": waiting_for}
        if to_look_at := dict(warnings()):
            said["warnings"] = to_look_at
        return JSONResponse(said, status)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=[*routes, status] if status else routes)


@asynccontextmanager
async def serve_health(
    *,
    host: str,
    port: int,
    registry: CollectorRegistry,
    not_ready: NotReady,
    warnings: Warnings = no_warnings,
    status: Route | None = None,
) -> AsyncIterator[str]:
    """Serve while the body runs; yield the base URL, with the port taken where ``port`` is 0.

    Signals stay the caller's. Raises ``ConfigurationError`` where the address cannot be had.
    """
    listener = _listen(host, port)
    config = Config(
        build_app(registry, not_ready, warnings, status=status),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GOODBYE,
    )
    server = _Guest(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="health")
    try:
        yield _address(listener)
    finally:
        server.should_exit = True
        await serving


class _Guest(Server):
    """A server that is not the program: signals are the bot's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        place = "AGENTBOT_HTTP__HOST/AGENTBOT_HTTP__PORT"
        problem = f"cannot listen on {host}:{port}: {error.strerror}"
        raise ConfigurationError(place, problem, "choose another port, or 0 for any") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
