"""Telling people by a webhook: beside the turn, again while it is away, and never in its way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx2
import orjson
import pytest
import structlog
from structlog.testing import capture_logs

from agentbot.bot.delivery.notify import (
    FAREWELL,
    MOST_UNDER_WAY,
    RETRY,
    Notifier,
    in_slacks_words,
)
from tests.support.virtual_time import now, run_virtual

URL = "https://hooks.example.com/services/T0/B0/secret"


class Webhook(httpx2.AsyncBaseTransport):
    """The other side: answers with the statuses in turn, the last one for ever; 0 is none.

    ``is_closed`` says whether nothing more can come.
    """

    def __init__(self, *statuses: int, seconds: float = 0.0, **headers: str) -> None:
        self.said: list[object] = []
        self.at: list[float] = []
        self.is_closed = False
        self._statuses = list(statuses) or [200]
        self._seconds = seconds
        self._headers = headers

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Take a message."""
        assert str(request.url) == URL
        self.at.append(now())
        self.said.append(orjson.loads(await request.aread()))
        if self._seconds:
            await asyncio.sleep(self._seconds)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        if status == 0:
            raise httpx2.ConnectError("away", request=request)
        headers = {name.replace("_", "-"): value for name, value in self._headers.items()}
        return httpx2.Response(status, request=request, headers=headers)

    async def aclose(self) -> None:
        """Take note that nothing more comes."""
        self.is_closed = True


def tell(
    webhook: Webhook, story: Callable[[Notifier, Counter[str]], Awaitable[None]]
) -> list[structlog.typing.EventDict]:
    """Run a story with a notifier; return what was logged."""
    counts: Counter[str] = Counter()

    async def main() -> None:
        notifier = Notifier(
            URL, count=lambda one: counts.update([one]), transport=webhook, random=lambda: 1.0
        )
        await story(notifier, counts)
        await notifier.aclose()

    with capture_logs() as logged:
        run_virtual(main())
    return logged


def test_a_message_goes_out_as_slack_takes_it() -> None:
    """One JSON object with a text; nobody waits for it."""
    webhook = Webhook()

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        notifier("A customer waits")
        assert webhook.said == []
        await asyncio.sleep(1)
        assert counts == {"sent": 1}

    assert tell(webhook, story) == []
    assert webhook.said == [{"text": "A customer waits"}]
    assert webhook.is_closed


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_what_passes_is_asked_again(status: int) -> None:
    """With pauses that grow, until it is taken."""
    webhook = Webhook(status, status, 200)

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        notifier("Hello")
        await asyncio.sleep(10)
        assert counts == {"sent": 1}

    tell(webhook, story)
    assert [at - webhook.at[0] for at in webhook.at] == pytest.approx([0, 1, 3])


def test_what_does_not_pass_in_half_a_minute_is_given_up() -> None:
    """The pauses double, up to the longest."""
    webhook = Webhook(500)

    async def story(notifier: Notifier, _counts: Counter[str]) -> None:
        notifier("Hello")
        await asyncio.sleep(120)

    tell(webhook, story)
    assert [at - webhook.at[0] for at in webhook.at] == pytest.approx([0, 1, 3, 7, 15, 30])


def test_the_other_side_may_ask_for_a_longer_pause() -> None:
    """As Slack does."""
    webhook = Webhook(429, 200, retry_after="20")

    async def story(_notifier: Notifier, _counts: Counter[str]) -> None:
        _notifier("Hello")
        await asyncio.sleep(30)

    tell(webhook, story)
    assert webhook.at[1] - webhook.at[0] == pytest.approx(20)


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (500, RETRY.attempts), (302, 1)])
def test_what_does_not_pass_is_logged_and_counted(status: int, attempts: int) -> None:
    """Without the address, which is a secret."""
    webhook = Webhook(status)

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        notifier("Hello")
        await asyncio.sleep(120)
        assert counts == {"failed": 1}

    [line] = tell(webhook, story)
    assert len(webhook.said) == attempts
    assert line["event"] == "notice.failed"
    assert f"the webhook answered {status}" in line["error"]
    assert "secret" not in str(line)


def test_a_webhook_that_is_away_holds_no_more_than_so_many() -> None:
    """What comes beyond is dropped, and said."""
    webhook = Webhook(seconds=1_000)

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        for number in range(MOST_UNDER_WAY + 2):
            notifier(f"{number}")
        assert counts == {"dropped": 2}

    logged = tell(webhook, story)
    assert [line["event"] for line in logged].count("notice.dropped") == 2
    assert len(webhook.said) == MOST_UNDER_WAY


def test_what_has_arrived_is_not_under_way_any_more() -> None:
    """However many there were before, the next one is not dropped."""

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        for number in range(MOST_UNDER_WAY + 2):
            notifier(f"{number}")
            await asyncio.sleep(1)
        assert counts == {"sent": MOST_UNDER_WAY + 2}

    tell(Webhook(), story)


def test_an_address_that_is_none_is_said() -> None:
    """Without the address, which is a secret."""
    counts: Counter[str] = Counter()

    async def main() -> None:
        notifier = Notifier(
            "http://secret:port", count=lambda one: counts.update([one]), transport=Webhook()
        )
        notifier("Hello")
        await asyncio.sleep(120)
        await notifier.aclose()

    with capture_logs() as logged:
        run_virtual(main())
    assert counts == {"failed": 1}
    [line] = logged
    assert "InvalidURL" in line["error"]
    assert "secret" not in str(line)


def test_a_bot_that_stops_lets_messages_arrive_for_a_moment() -> None:
    """And gives up those that do not."""
    webhook = Webhook(seconds=FAREWELL - 1)

    async def story(notifier: Notifier, counts: Counter[str]) -> None:
        notifier("Hello")
        await notifier.aclose()
        assert counts == {"sent": 1}

    assert tell(webhook, story) == []

    async def late(notifier: Notifier, counts: Counter[str]) -> None:
        notifier("Hello")
        await asyncio.sleep(0.1)
        before = now()
        await notifier.aclose()
        assert now() - before == pytest.approx(FAREWELL)
        assert counts == {"failed": 1}

    [line] = tell(Webhook(seconds=1_000), late)
    assert line["error"] == "the bot has stopped"


def test_without_an_address_nobody_is_told() -> None:
    """Nothing is begun, nor is anything counted."""

    async def main() -> None:
        counts: Counter[str] = Counter()
        notifier = Notifier(None, count=lambda one: counts.update([one]))
        notifier("Hello")
        assert len(asyncio.all_tasks()) == 1
        await notifier.aclose()
        assert not counts

    run_virtual(main())


def test_markup_in_a_customers_words_is_none() -> None:
    """But quotations stay quotations, and the link stands below."""
    said = in_slacks_words("Vera waits\n> <!channel> a & b > c", "https://papercups/x")
    assert said == "Vera waits\n> &lt;!channel&gt; a &amp; b &gt; c\nhttps://papercups/x"
