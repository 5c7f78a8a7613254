"""What the bot tells operators of its connection, in metrics and in its log."""

from __future__ import annotations

from structlog.testing import capture_logs

from agentbot.bot.bot import Bot
from agentbot.papercups import events
from tests.support.bot_parts import Parts, perform


def test_the_connections_news_are_in_the_metrics() -> None:
    """As they come."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        connected = []
        for event in (
            events.Connected(),
            events.Disconnected("1006"),
            events.Connected(),
        ):
            bot.on_events([event])
            connected.append(parts.metric("connected"))
        assert connected == [1, 0, 1]
        present = []
        for news in (
            events.OwnPresenceChanged(seen=True),
            events.OwnPresenceChanged(seen=False),
            events.OwnPresenceChanged(seen=True),
            events.Disconnected("1006"),
        ):
            bot.on_events([news])
            present.append(parts.metric("present"))
        assert present == [1, 0, 1, 0]
        bot.on_events(
            [
                events.ConversationJoined("c"),
                events.ConversationJoined("d"),
                events.AgentsOnlineChanged(frozenset({7, 8, 9})),
                events.Unreadable("raw_shout", "no id"),
                events.Unreachable("refused", 1.26),
                events.ConversationRefused("c", "unauthorized"),
                events.CustomerPresenceChanged("v", online=True),
            ]
        )
        assert parts.metric("joins_total") == 2
        assert parts.metric("agents_online") == 3
        assert parts.metric("dropped_total", reason="raw_shout") == 1

    with capture_logs() as said:
        perform(story, listening=False)
    assert [line["event"] for line in said] == [
        "connected",
        "disconnected",
        "connected",
        "disconnected",
        "unreadable",
        "unreachable",
    ]
    assert said[-1]["retry_in"] == 1.3


def test_a_draining_bot_does_not_complain_that_it_is_disconnected() -> None:
    """It means to be; the metric says it all the same."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        bot.on_events([events.Connected()])
        parts.services.draining.set()
        bot.on_events([events.Disconnected("1000")])
        assert parts.metric("connected") == 0

    with capture_logs() as said:
        perform(story, listening=False)
    assert [line["event"] for line in said] == ["connected"]
