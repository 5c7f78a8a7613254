"""Bugs that the simulation has found, each in the smallest scene that shows it."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.stage import Stage, perform


@pytest.mark.parametrize("seconds", [1.0, 6.0, 9.0, 14.0, 17.0, 25.0, 60.0])
def test_a_connection_that_stood_still_does_not_double_a_reply(seconds: float) -> None:
    """A reply that a connection holds back is not sent again behind it."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.world.sent)
        connection = stage.connection
        connection.stall()
        await asyncio.sleep(seconds)
        connection.go_on()
        await asyncio.sleep(120)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_a_bot_that_has_not_reached_the_server_yet_can_be_stopped() -> None:
    """SIGTERM ends a bot that still waits for its first answer."""

    async def scene(stage: Stage) -> None:
        stage.world.weather.rest_lost_before = 1_000
        stage.world.start_bot("bot")
        running = stage.world.bots["bot"]
        await asyncio.sleep(30)
        assert running.bot is not None
        assert running.task is not None
        stopped = running.process.create_task(running.bot.drain())
        await asyncio.sleep(15)
        assert stopped.done()
        assert running.task.done()

    perform(scene)


def test_a_person_who_wrote_while_the_connection_was_down_is_not_talked_over() -> None:
    """What was read before a connection was lost is read again before anything is said."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        person = stage.person()
        visitor = stage.visitor()
        await visitor.say("think 8 ?")
        await asyncio.sleep(3)
        stage.world.weather.refuses_connections = True
        stage.connection.cut(delivers_out=False, delivers_in=False, lingers=False)
        await asyncio.sleep(2)
        stage.person_writes(person, visitor)
        await asyncio.sleep(8)
        stage.world.weather.refuses_connections = False
        await asyncio.sleep(120)
        assert stage.replies(visitor) == []

    perform(scene)


def test_an_e_mail_is_not_left_assigned_to_a_bot_that_died_after_its_reply() -> None:
    """The next life undoes what a message on ``notification:`` brings with it."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor(source="email")
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        running.process.kill()
        stage.world.bury_bot(running, lingers=False)
        await asyncio.sleep(5)
        await stage.bot()
        await asyncio.sleep(60)
        assert visitor.conversation.assignee_id is None
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_an_assignment_that_comes_after_the_echo_is_undone_all_the_same() -> None:
    """The server confirms a message before it assigns the conversation to its author."""

    async def scene(stage: Stage) -> None:
        stage.world.server.faults.slow_shout(store=0.1, broadcast=0.2, settle=0.8)
        await stage.bot()
        visitor = stage.visitor(source="email")
        await visitor.say("hello ?")
        await asyncio.sleep(60)
        assert visitor.conversation.assignee_id is None

    perform(scene)


def test_a_conversation_that_is_the_bots_own_is_no_persons() -> None:
    """A bot that died before it undid an assignment does not stand back from itself."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor(source="email")
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        running.process.kill()
        stage.world.bury_bot(running, lingers=False)
        await asyncio.sleep(5)
        await visitor.say("and again ?")
        await stage.bot()
        await asyncio.sleep(60)
        assert len(stage.replies(visitor)) == 2

    perform(scene)


def test_who_is_here_is_known_again_after_a_reconnect() -> None:
    """A customer who stayed while the connection was down still counts as here."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        assert running.bot is not None
        session = running.bot._services.session
        await stage.until(lambda: session.is_here(visitor.customer.id))
        stage.connection.cut(delivers_out=True, delivers_in=True, lingers=False)
        await stage.until(lambda: not session.is_ready)
        await stage.until(lambda: session.is_ready)
        await asyncio.sleep(1)
        assert session.is_here(visitor.customer.id)
        visitor.wire.close()
        await asyncio.sleep(1)
        assert not session.is_here(visitor.customer.id)

    perform(scene)


def test_a_state_that_does_not_answer_at_all_is_no_state_to_be_ready_with() -> None:
    """A database that hangs drops readiness as one that refuses does."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        assert running.bot is not None
        stage.world.database.health.hangs = True
        await asyncio.sleep(15)
        assert "state" in running.bot.not_ready()
        stage.world.database.health.hangs = False
        await asyncio.sleep(15)
        assert running.bot.not_ready() == {}

    perform(scene)


def test_a_proxy_without_a_server_does_not_make_conversations_be_gone() -> None:
    """A 404 that Papercups did not write says nothing about a conversation."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        stage.world.server.faults.answer(status=404, body="404 page not found", times=8)
        await visitor.say("hello ?")
        await asyncio.sleep(60)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_a_token_that_is_refused_again_and_again_does_not_end_the_bot() -> None:
    """Only a refused login does: what refuses a fresh token may be a passing trouble."""

    async def scene(stage: Stage) -> None:
        said = '{"error":{"code":401,"message":"Not authenticated"}}'
        stage.world.server.faults.answer(
            status=401, body=said, content_type="application/json", path="/api/accounts", times=5
        )
        await stage.bot()

    perform(scene)


def test_a_conversation_that_refuses_to_be_joined_is_left_to_people_with_the_reason() -> None:
    """Its turn gets an outcome, instead of being taken up again and again."""

    async def scene(stage: Stage) -> None:
        stage.world.server.faults.refuse_join(topic="conversation:")
        await stage.bot()
        visitor = stage.visitor()
        visitor.mail("hello ?")
        await asyncio.sleep(60)
        [record] = stage.world.database.ledger.records
        assert record.outcome == "left"
        assert record.reason_code == "refused"

    perform(scene)


def test_a_hand_over_that_is_finished_by_the_next_life_is_remembered_as_one() -> None:
    """A bot that died after its private note leaves the conversation to people all the same."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("person ?")
        await stage.until(lambda: any(m.private for m in visitor.conversation.messages))
        running.process.kill()
        stage.world.bury_bot(running, lingers=False)
        await asyncio.sleep(5)
        await stage.bot()
        await asyncio.sleep(60)
        assert visitor.conversation.assignee_id is None
        assert not visitor.conversation.read
        assert len([m for m in visitor.conversation.messages if m.private]) == 1
        [record] = stage.world.database.ledger.records
        assert record.outcome == "handed_off"
        person = stage.person()
        await asyncio.sleep(1)
        await visitor.say("are you there ?")
        await asyncio.sleep(60)
        person.close()
        assert len(stage.replies(visitor)) == 1
        assert stage.world.database.ledger.records[-1].reason_code == "handed_over"

    perform(scene)


def test_a_note_whose_confirmation_got_lost_is_left_once_and_tidied_up_after() -> None:
    """The note is not written again, and the conversation stays unread and nobody's."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("person ?")
        await stage.until(lambda: any(m.private for m in visitor.conversation.messages))
        stage.world.weather.rest_lost_after = 1
        await asyncio.sleep(60)
        assert len([m for m in visitor.conversation.messages if m.private]) == 1
        assert visitor.conversation.assignee_id is None
        assert not visitor.conversation.read

    perform(scene)


def test_a_bot_that_is_restarted_more_often_than_a_lease_lasts_finishes_its_turns() -> None:
    """With a state file of its own: whoever had it before is surely dead."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("tag ?")
        await stage.until(lambda: stage.replies(visitor))
        assert not visitor.conversation.tag_ids
        for _ in range(2):
            running.process.kill()
            stage.world.bury_bot(running, lingers=False)
            await asyncio.sleep(1)
            running = await stage.bot()
            await asyncio.sleep(5)
        assert visitor.conversation.tag_ids
        assert len(stage.replies(visitor)) == 1
        [record] = stage.world.database.ledger.records
        assert record.outcome == "replied"

    perform(scene, is_shared=False)


def test_a_bot_that_is_told_to_stop_says_first_what_it_thinks_out() -> None:
    """The customer is answered now, not after the next start."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("think 8 ?")
        await asyncio.sleep(3)
        assert running.bot is not None
        stopped = running.process.create_task(running.bot.drain())
        await asyncio.sleep(15)
        assert stopped.done()
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_catching_up_does_not_run_the_servers_database_pool_dry() -> None:
    """Sixty customers wait when the bot starts: joins and replies follow the server's answers, and
    what crashes all the same is joined and said again."""

    async def scene(stage: Stage) -> None:
        server = stage.world.server
        visitors = [stage.visitor() for _ in range(60)]
        for visitor in visitors:
            await visitor.say("hello ?")
        await asyncio.sleep(120)
        server.faults.slow_shout(store=0.02, broadcast=0.05)
        pool = server.faults.small_pool(10, seconds=0.05)
        await stage.bot()
        await asyncio.sleep(60)
        assert all(len(stage.replies(visitor)) == 1 for visitor in visitors)
        # This pool does not even queue: it is dry four times, and nineteen where nothing is paced.
        assert pool.hits <= 5

    perform(scene)
