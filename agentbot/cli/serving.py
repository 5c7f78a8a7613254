"""The embedded server on the port that an operator has asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.routing import BaseRoute

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import ConfigurationError


@asynccontextmanager
async def serve_at(
    server: DevServer,
    *,
    port: int,
    host: str = "127.0.0.1",
    extra_routes: Sequence[BaseRoute] = (),
) -> AsyncIterator[str]:
    """Serve as :func:`agentbot.devserver.serve.serve` does; yield the URL.

    Raises ``ConfigurationError`` where the port cannot be had.
    """
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(
                serve(server, host=host, port=port, extra_routes=extra_routes)
            )
        except OSError as error:
            raise ConfigurationError(
                "--port", f"{host}:{port} cannot be had: {error.strerror}", "try --port 0"
            ) from error
        yield url
