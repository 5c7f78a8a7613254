"""A visitor asks, the bot answers: the whole way over real sockets, faults included."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentbot.bot.proof import answers
from tests.support.folders import DEFAULT, folder
from tests.support.stage import LiveStage, eventually, quick_settings, reply_to

NORWAY = "Do you ship to Norway?"


async def test_question_reply_receipts_presence(stage: LiveStage) -> None:
    """The reply is the account's, names its rule, and leaves the work visible to people.

    By a bot that goes by meanings too, where they are installed, as it does by default.
    """
    await stage.start_bot(quick_settings(faq={"embeddings": "auto"}))
    assert stage.online() == {f"user:{stage.bot_user.id}"}
    customer = await stage.customer()
    await customer.shout(NORWAY)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert "we ship to Norway" in (reply.body or "")
    assert reply.type == "bot"
    assert reply.user_id is None
    assert reply.metadata is not None
    assert reply.metadata["agentbot"] == {
        "v": 1,
        "in_reply_to": record.message_ids[0],
        "by": "rule",
        "source": "shipping-norway",
    }
    assert reply.metadata["quick_replies"]
    assert (record.outcome, record.reply_id) == ("replied", reply.id)
    conversation = stage.conversation(customer)
    assert not conversation.read
    assert conversation.assignee_id is None


async def test_seen_is_sent_when_a_turn_is_taken_up_and_never_for_our_reply(
    stage: LiveStage,
) -> None:
    """What a person wrote before is stamped seen; what the bot writes as its user is not."""
    customer = await stage.customer()
    await stage.ann_says(customer.conversation_id, "Welcome!", type="bot")
    stage.conversation(customer).assignee_id = None
    await stage.start_bot(quick_settings(reply={"speak_as": "user"}))
    await customer.shout(NORWAY)
    await reply_to(customer)
    await stage.outcome()
    [welcome, ours] = stage.replies(customer)
    assert welcome.seen_at is not None
    assert ours.user_id == stage.bot_user.id
    assert ours.seen_at is None


async def test_seen_is_sent_for_a_turn_that_was_found_as_well(stage: LiveStage) -> None:
    """Its topic is joined only then: the receipt waits for that, not for the next turn."""
    customer = await stage.customer()
    await stage.ann_says(customer.conversation_id, "Welcome!", type="bot")
    stage.conversation(customer).assignee_id = None
    await customer.shout(NORWAY)
    await eventually(lambda: len(stage.server.store.messages) == 2)
    topic = f"conversation:{customer.conversation_id}"
    stage.server.faults.delay(0.5, topic=topic, event="phx_reply", times=1)
    await stage.start_bot()
    await reply_to(customer)
    await stage.outcome()
    [welcome, _ours] = stage.replies(customer)
    assert welcome.seen_at is not None


async def test_a_socket_cut_in_the_middle_of_a_reply_answers_once(stage: LiveStage) -> None:
    """The reply was stored, its echo never came: the server is asked, and nothing sent again."""
    await stage.start_bot()
    customer = await stage.customer()
    [socket] = [s for s in stage.server.sockets if f"room:{stage.account.id}" in s.topics]
    stage.server.faults.cut(event="shout", connection=socket, echo=True)
    await customer.shout(NORWAY)
    await reply_to(customer)
    record = await stage.outcome()
    assert record.outcome == "replied"
    [only] = stage.replies(customer)
    assert only.id == record.reply_id


async def test_a_reply_that_the_server_lost_is_sent_again_once(stage: LiveStage) -> None:
    """No echo, and the server has none: it is sent again, and arrives once."""
    await stage.start_bot(quick_settings(reply={"first_delay_seconds": 0.5}))
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    lost = stage.server.faults.drop_shout(topic=f"conversation:{customer.conversation_id}")
    await reply_to(customer)
    await stage.outcome()
    assert lost.spent
    assert len(stage.replies(customer)) == 1


async def test_a_first_message_that_nobody_hears_is_answered_once(stage: LiveStage) -> None:
    """Stored and never broadcast, as the real server does: read over REST, and answered."""
    await stage.start_bot()
    customer = await stage.customer()
    stage.server.faults.mute_shout(topic=f"conversation:{customer.conversation_id}")
    await customer.shout(NORWAY)
    await reply_to(customer)
    await stage.outcome()
    assert len(stage.replies(customer)) == 1
    assert stage.found_by_reading() == 1


async def test_what_was_asked_while_the_bot_was_away_is_answered_at_its_start(
    stage: LiveStage,
) -> None:
    """Catching up finds the open conversation, and the journal names no live path."""
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    await stage.start_bot()
    assert "Norway" in ((await reply_to(customer)).body or "")


async def test_a_restart_without_its_state_doubles_nothing(stage: LiveStage) -> None:
    """The server's own copy of the reply is proof enough."""
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    bot = await stage.start_bot()
    await reply_to(customer)
    await stage.outcome()
    await bot.drain()
    await stage.start_bot()
    await customer.shout("thank you!")
    answered = answers(await reply_to(customer))
    await stage.outcome()
    assert len(stage.replies(customer)) == 2
    assert len(answered) == 1


async def test_quick_messages_become_one_turn(stage: LiveStage) -> None:
    """Three messages in a row get one reply, which names them all."""
    await stage.start_bot(quick_settings(turns={"idle_seconds": 0.5}))
    customer = await stage.customer()
    for text in ("hello there", "I live in Norway", "do you ship"):
        await customer.shout(text)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert len(record.message_ids) == 3
    assert answers(reply) == set(record.message_ids)


async def test_the_bot_does_not_talk_over_a_person(stage: LiveStage) -> None:
    """A person who has written lately keeps the bot out, and the journal says so."""
    await stage.start_bot()
    customer = await stage.customer()
    await stage.ann_says(customer.conversation_id, "Hi, this is Ann.")
    await customer.shout(NORWAY)
    record = await stage.outcome()
    assert record.answer is None
    assert "person" in record.reason
    assert stage.replies(customer) == []


async def test_a_known_bot_does_not_keep_ours_out(stage: LiveStage, tmp_path: Path) -> None:
    """Another program's user is named by its address, in whatever case."""
    policy = (
        (DEFAULT / "policy.yaml").read_text().replace("emails: []", "emails: [Ann@Example.com]")
    )
    rules = (DEFAULT / "rules.yaml").read_text()
    await stage.start_bot(quick_settings(folder(tmp_path, policy=policy, rules=rules)))
    customer = await stage.customer()
    await stage.ann_says(customer.conversation_id, "Your ticket is 17.", type="reply")
    await customer.shout(NORWAY)
    await reply_to(customer)
    assert (await stage.outcome()).outcome == "replied"


async def test_a_person_who_writes_while_the_bot_waits_is_not_talked_over(stage: LiveStage) -> None:
    """The last look before sending sees the person."""
    await stage.start_bot(quick_settings(reply={"first_delay_seconds": 5.0}))
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    await stage.ann_says(customer.conversation_id, "I am on it.")
    record = await stage.outcome()
    assert record.outcome == "silent"
    assert stage.replies(customer) == []


async def test_a_person_who_takes_the_conversation_while_the_bot_waits_is_left_alone(
    stage: LiveStage,
) -> None:
    """Who assigns a conversation to themselves need not write at once to keep the bot out."""
    await stage.start_bot(quick_settings(reply={"first_delay_seconds": 5.0}))
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    await stage.ann_updates(customer.conversation_id, assignee_id=stage.ann.id)
    record = await stage.outcome()
    assert record.outcome == "silent"
    assert record.reason_code == "assigned"
    assert stage.replies(customer) == []


async def test_an_email_conversation_is_answered_by_notification_and_stays_unassigned(
    stage: LiveStage,
) -> None:
    """Only what goes by notification: is sent out by e-mail; people still find it."""
    await stage.start_bot()
    customer = await stage.customer()
    stage.conversation(customer).source = "email"
    await customer.shout(NORWAY)
    await reply_to(customer)
    await stage.outcome()
    [reply] = stage.replies(customer)
    assert reply.user_id == stage.bot_user.id
    conversation = stage.conversation(customer)
    assert conversation.assignee_id is None
    assert not conversation.read


async def test_a_handoff_is_carried_out(stage: LiveStage) -> None:
    """Asking for a human: the words, the tags and a note, the conversation unread and open."""
    await stage.start_bot()
    customer = await stage.customer()
    await customer.shout("I want to talk to a human, please.")
    await reply_to(customer)
    record = await stage.outcome()
    assert record.outcome == "handed_off"
    conversation = stage.conversation(customer)
    assert stage.tags(conversation) == {"asked-for-a-person", "handed-over"}
    [note] = [m for m in conversation.messages if m.private]
    assert note.body is not None
    assert "> I want to talk to a human, please." in note.body
    assert conversation.assignee_id is None
    assert conversation.status == "open"
    assert not conversation.read


@pytest.mark.parametrize("mode", ["dry_run", "suggest"])
async def test_other_modes_say_nothing_to_the_customer(stage: LiveStage, mode: str) -> None:
    """dry_run only logs; suggest leaves the draft as a private note, unread and unassigned."""
    await stage.start_bot(quick_settings(mode=mode))
    customer = await stage.customer()
    await customer.shout(NORWAY)
    record = await stage.outcome()
    assert record.decision["kind"] == "reply"
    assert stage.replies(customer) == []
    notes = [m for m in stage.server.store.messages.values() if m.private]
    assert len(notes) == (1 if mode == "suggest" else 0)
    conversation = stage.conversation(customer)
    assert conversation.assignee_id is None
    assert not conversation.read


async def test_a_crashed_channel_is_joined_again_and_spoken_on(stage: LiveStage) -> None:
    """phx_error on the conversation: rejoin, then reply."""
    await stage.start_bot()
    customer = await stage.customer()
    topic = f"conversation:{customer.conversation_id}"
    await eventually(lambda: sum(topic in s.topics for s in stage.server.sockets) == 2)
    [socket] = [s for s in stage.server.sockets if f"room:{stage.account.id}" in s.topics]
    socket.crash(topic)
    await customer.shout(NORWAY)
    await reply_to(customer)
    await stage.outcome()
    assert len(stage.replies(customer)) == 1


async def test_a_new_folder_is_used_from_the_next_turn_on(stage: LiveStage, tmp_path: Path) -> None:
    """What ``use`` is given decides; nothing restarts."""
    bot = await stage.start_bot()
    rules = """
        rules:
          - id: parrot
            when: 'true'
            reply: "You said: {{ text }}"
        """
    from agentbot.cli.loader import PipelineLoader  # noqa: PLC0415

    loader = PipelineLoader(quick_settings(folder(tmp_path, rules=rules)))
    bot.use(await asyncio.to_thread(loader.load))
    customer = await stage.customer()
    await customer.shout("hello.")
    assert (await reply_to(customer)).body == "You said: hello."


async def test_off_duty_the_bot_is_not_seen_and_answers_all_the_same(
    stage: LiveStage, tmp_path: Path
) -> None:
    """presence: on_duty, and the shop closed: not in the room, yet the question is found."""
    await stage.start_bot_off_duty(tmp_path)
    customer = await stage.customer()
    await customer.shout(NORWAY)
    await reply_to(customer)
    await stage.outcome()
    assert stage.online() == set()
    assert len(stage.replies(customer)) == 1


async def test_a_conversation_that_is_deleted_while_the_bot_waits_is_left(stage: LiveStage) -> None:
    """Nobody is told of it: the reply finds it out, and the other conversations go on."""
    await stage.start_bot(quick_settings(reply={"first_delay_seconds": 0.5}))
    gone, other = await stage.customer(), await stage.customer("Bo")
    await gone.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    await asyncio.sleep(0.2)  # the bot has read it, and waits with its answer
    stage.server.store.delete_conversation(stage.conversation(gone))
    record = await stage.outcome()
    assert (record.outcome, record.conversation_id) == ("left", gone.conversation_id)
    await other.shout(NORWAY)
    await reply_to(other)
    assert (await stage.outcome()).outcome == "replied"


async def test_what_is_assigned_to_somebody_who_has_gone_is_answered(stage: LiveStage) -> None:
    """Papercups leaves it assigned to whoever is disabled: nobody would ever come."""
    customer = await stage.customer()
    stage.conversation(customer).assignee_id = stage.ann.id
    stage.ann.disabled_at = stage.server.backend.now()
    await stage.start_bot()
    await customer.shout(NORWAY)
    await reply_to(customer)
    assert (await stage.outcome()).outcome == "replied"
    assert stage.conversation(customer).assignee_id == stage.ann.id
