"""Telling people outside Papercups: a webhook of the operator's, in the shape that Slack takes.

It is told beside the turn: nobody waits for it, and nothing fails by it. A message may come twice
where a process dies just after it was sent, and is lost where one dies while the webhook is away:
the note in the conversation is what people can rely on.
"""

from __future__ import annotations

import asyncio
import random as random_module
import re
from collections.abc import Callable
from typing import Literal

import httpx2
import structlog

from agentbot.errors import WebhookFailed
from agentbot.retry import RetryPolicy

_log = structlog.get_logger("agentbot.notify")

Outcome = Literal["sent", "failed", "dropped"]

RETRY = RetryPolicy(first_pause=1.0, longest_pause=15.0, attempts=6)
"""Its pauses add up to half a minute: a restart of the other side is over by then, and who is told
later than that has seen the conversation."""
TIMEOUT = 10.0
"""Seconds for one silence of the webhook: far more than a chat service takes."""
MOST_UNDER_WAY = 100
"""Messages that are under way at most: what comes while so many wait is told by the notes alone."""
FAREWELL = 5.0
"""Seconds that messages under way still get when the bot stops: one attempt, within the time in
which containers are killed."""


class Notifier:
    """Posts ``{"text": …}`` to the webhook at ``url``; to none where there is no URL.

    ``count`` is told of each message what became of it. ``transport`` replaces the network.
    """

    def __init__(
        self,
        url: str | None,
        *,
        count: Callable[[Outcome], None],
        transport: httpx2.AsyncBaseTransport | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self._url = url
        self._count = count
        self._random = random
        self._transport = transport
        self._http: httpx2.AsyncClient | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def __call__(self, text: str) -> None:
        """Send the text, in a task of its own."""
        if self._url is None:
            return
        if len(self._under_way) >= MOST_UNDER_WAY:
            self._count("dropped")
            _log.warning("notice.dropped", under_way=len(self._under_way))
            return
        task = asyncio.create_task(self._send(self._url, text), name="notice")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def aclose(self) -> None:
        """Let what is under way arrive, for a moment, and give up the rest."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=FAREWELL)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    async def _send(self, url: str, text: str) -> None:
        try:
            retrying = RETRY.retrying(transient=_is_transient, random=self._random)
            await retrying(self._post, url, text)
        except WebhookFailed as error:
            self._count("failed")
            _log.warning("notice.failed", error=str(error))
        except asyncio.CancelledError:
            self._count("failed")
            _log.warning("notice.failed", error="the bot has stopped")
            raise
        else:
            self._count("sent")

    async def _post(self, url: str, text: str) -> None:
        """Post once. Raises :class:`WebhookFailed`, which does not name the URL: it is a secret."""
        if self._http is None:
            self._http = httpx2.AsyncClient(transport=self._transport, timeout=TIMEOUT)
        try:
            response = await self._http.post(url, json={"text": text})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise WebhookFailed(None, type(error).__name__) from None
        if not response.is_success:
            asked = response.headers.get("retry-after", "")
            after = float(asked) if asked.isdigit() else None
            raise WebhookFailed(response.status_code, response.reason_phrase, after)


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, WebhookFailed):
        return False
    return error.status is None or error.status == _TOO_MANY or error.status >= _SERVERS


_TOO_MANY, _SERVERS = 429, 500
"""Statuses that pass: asked too often, and from here on the other side's own failures."""


def in_slacks_words(text: str, link: str) -> str:
    """Return plain text as Slack takes it, which reads markup in three signs, with a link below."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quoted = re.sub(r"^&gt; ", "> ", escaped, flags=re.MULTILINE)
    return f"{quoted}\n{link}"
