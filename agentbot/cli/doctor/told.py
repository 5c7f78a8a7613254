"""Whom the bot tells what it does: the webhook for people, and the collector of traces."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2

from agentbot.cli.doctor.checkup import NeedsALook, NotTried
from agentbot.config import Settings
from agentbot.network import why_unreachable
from agentbot.ops.otel import require_exporter

_GIVE_UP_AFTER = 10.0
"""Seconds for an answer: as long as the bot itself waits for a webhook."""


async def reach_webhook(settings: Settings) -> str:
    """Ask the webhook's host for nothing, at no address that would tell anybody anything."""
    if settings.notify.url is None:
        raise NotTried("AGENTBOT_NOTIFY__URL is not set; a note in the conversation tells people")
    host = await _reach(
        settings.notify.url.get_secret_value(),
        "check AGENTBOT_NOTIFY__URL; until then only the notes in conversations tell people",
    )
    return f"{host} answers; nobody was told anything"


async def reach_collector(settings: Settings) -> str:
    """Ask the collector's host for nothing. Raises ``ConfigurationError`` without the extra."""
    if settings.traces.endpoint is None:
        raise NotTried("AGENTBOT_TRACES__ENDPOINT is not set; nothing is traced")
    require_exporter()
    host = await _reach(
        settings.traces.endpoint,
        "check AGENTBOT_TRACES__ENDPOINT; the bot works, and its traces are lost until then",
    )
    return f"{host} answers"


async def _reach(url: str, what_to_do: str) -> str:
    """Return the host, which answers something. Raises ``NeedsALook``.

    It is reached as the bot does, by a proxy where the environment names one; what stands behind
    the host in the address may be a secret, and is not sent.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    try:
        async with httpx2.AsyncClient(timeout=_GIVE_UP_AFTER) as http:
            await http.head(f"{parts.scheme}://{host}/")
    except (httpx2.HTTPError, OSError) as error:
        raise NeedsALook(f"{host}: {why_unreachable(error)}", what_to_do) from error
    return host
