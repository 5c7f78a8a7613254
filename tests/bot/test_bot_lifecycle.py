"""The bot's beginning and end: the account, the login, the pipeline, and when it is ready."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.bot.bot import Bot
from agentbot.errors import LoginRefused
from tests.support.bot_parts import Parts, ScriptedResponder, perform, pipeline_of, reply, thinking
from tests.support.bot_running import Playing, play


def test_the_account_is_read_before_anything_is_heard() -> None:
    """Until it is known which users are bots, their messages look like a person's."""

    async def story(parts: Parts) -> None:
        away = parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        bot = Bot(parts.services)
        running = asyncio.create_task(bot.run())
        await asyncio.sleep(60)
        assert parts.account.connector.attempts == []
        away.remove()
        await parts.until(lambda: parts.account.connector.attempts)
        assert parts.services.current.identity.bot_user_ids == {parts.account.ann.id}
        await bot.drain()
        await running

    perform(story, listening=False, policy={"bots": {"names": ["Ann"]}})


def test_a_bot_that_is_stopped_before_it_began_ends_quietly() -> None:
    """It was still waiting for the server."""

    async def story(parts: Parts) -> None:
        parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        bot = Bot(parts.services)
        running = asyncio.create_task(bot.run())
        await asyncio.sleep(5)
        await bot.drain()
        await running
        assert parts.account.connector.attempts == []

    perform(story, listening=False)


def test_a_bot_that_never_ran_can_be_drained() -> None:
    """There is nothing to stop."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        await bot.drain()
        assert bot.not_ready()["bot"] == "draining"

    perform(story, listening=False)


def test_a_bot_that_is_cancelled_while_it_begins_leaves_nothing_behind() -> None:
    """Nobody asks the server any more."""

    async def story(parts: Parts) -> None:
        parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        running = asyncio.create_task(Bot(parts.services).run())
        await asyncio.sleep(5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        asked = len(parts.network.asked)
        await asyncio.sleep(60)
        assert len(parts.network.asked) == asked

    perform(story, listening=False)


def test_a_refused_login_ends_the_bot_as_what_it_is() -> None:
    """Whoever runs it knows what to tell the operator: at the start …"""

    async def story(parts: Parts) -> None:
        async with asyncio.timeout(60):
            with pytest.raises(LoginRefused):
                await Bot(parts.services).run()

    perform(story, listening=False, password="wrong")


@pytest.mark.parametrize(
    "found_by", ["a look at everything", "a fresh conversation", "an orphan", "a turn"]
)
def test_a_user_who_is_disabled_ends_the_bot_with_what_the_server_says(found_by: str) -> None:
    """Whoever finds it: it is no trouble of one conversation, and asking again mends nothing."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: not bot.not_ready())
        await asyncio.sleep(10)
        visitor = parts.visitor()
        if found_by == "an orphan":
            await parts.store.claim(visitor.id, ["somebody's"])  # and nobody holds the lease
        parts.account.bot.disabled_at = parts.account.server.backend.now()
        parts.account.server.expire_tokens()
        if found_by == "a turn":
            visitor.write("Hi?")
        if found_by == "a fresh conversation":
            parts.account.server.backend.announce_created(visitor.conversation)
        async with asyncio.timeout(100):
            with pytest.raises(LoginRefused, match="Your account is disabled"):
                await running

    interval = 60.0 if found_by == "a look at everything" else 5_000.0
    perform(story, listening=False, catch_up={"interval_seconds": interval})


@pytest.mark.parametrize("found_by", ["the connection", "a job"])
def test_a_login_that_is_refused_later_ends_the_bot_as_what_it_is(found_by: str) -> None:
    """… and when it is changed: found by the session, or deep in the periodic jobs."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: not bot.not_ready())
        parts.account.server.expire_tokens(renew_tokens=True)
        parts.account.bot.password = "another"
        if found_by == "the connection":
            parts.account.server.drop()
        async with asyncio.timeout(400):
            with pytest.raises(LoginRefused):
                await running

    perform(story, listening=False, catch_up={"interval_seconds": 5_000.0})


def test_the_next_turn_is_decided_by_the_pipeline_that_was_reloaded() -> None:
    """The one that is being thought out is not thought out again."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        other = ScriptedResponder()
        other.script = lambda _turn: reply("By the new rules.")
        it.parts.responder.script = thinking(5, reply("By the old rules."))
        visitor.write("How much?")
        it.in_seconds(2, lambda: it.bot.use(pipeline_of(other)))
        await asyncio.sleep(6)
        visitor.write("And now?")
        await asyncio.sleep(1)
        assert [said.body for said in visitor.said] == ["By the old rules.", "By the new rules."]

    play(story)


def test_what_keeps_the_bot_from_answering_is_told_by_part() -> None:
    """The connection, the state, and that it is stopping."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        told = [bot.not_ready()]
        parts.store.failures["ping"] = 1
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: parts.session.is_ready)
        await asyncio.sleep(1)
        told.append(bot.not_ready())
        await asyncio.sleep(5)
        told.append(bot.not_ready())
        parts.services.draining.set()
        told.append(bot.not_ready())
        await bot.drain()
        await running
        assert told == [
            {"socket": "not joined"},
            {"state": "told to fail"},
            {},
            {"bot": "draining"},
        ]

    perform(story, listening=False)


def test_when_work_on_a_conversation_begins_and_ends_is_told() -> None:
    """Once each for a turn, whatever comes of it."""

    async def story(parts: Parts) -> None:
        async with parts.running_bot():
            visitor = parts.visitor()
            visitor.write()
            await parts.until(lambda: parts.work)
            assert parts.work == [(visitor.id, True)]
            await parts.until(lambda: parts.settled)
            await asyncio.sleep(1)
            assert parts.work == [(visitor.id, True), (visitor.id, False)]

    perform(story, listening=False)
