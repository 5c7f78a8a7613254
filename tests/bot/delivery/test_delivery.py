"""A plan carried out: its text is on the server once or not at all, and its actions follow it.

Each way out of each step (JOIN, LOOK, CHECK, SEND) on a devserver in the same process; what the
single actions do is tested with ``delivery/actions.py``. The way over real sockets is tested in
``tests/e2e``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.delivery import Delivery, DeliveryResult, DeliveryStatus, storable
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.echoes import Echoes
from agentbot.bot.objections import CLOSED, Objection
from agentbot.bot.proof import mark
from agentbot.errors import LoginRefused
from agentbot.papercups import events
from agentbot.pipeline.decision import AddTag, Close, Decision, QuickReply, SetPriority, Snooze
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, handoff, perform, reply, silence

TAGS = (AddTag("one"), AddTag("two"))
BUTTONS = (QuickReply("Yes, please", "yes"), QuickReply("No", "no"))


class Delivering:
    """A claimed turn of one message, whose conversation the bot has read."""

    def __init__(self, parts: Parts, *, source: str) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.visitor = parts.visitor(source=source)
        self.asked = self.visitor.write(heard=False)
        self.objections: list[Objection | None] = []

    async def prepare(self) -> None:
        """Claim the turn."""
        claim = await self.parts.store.claim(self.visitor.id, (self.asked.id,))
        assert isinstance(claim, Claim)
        self.claim = claim

    async def delivery(self, **changes: Any) -> Delivery:
        """Return the delivery, with the conversation as it is now but for ``changes``."""
        conversation = await self.parts.rest.conversation(self.visitor.id)
        return Delivery(
            self.parts.services,
            conversation.model_copy(update=changes),
            self.claim,
            as_of=self.parts.services.current.connections,
            objection=self._objection,
        )

    async def deliver(self, decision: Decision, **changes: Any) -> DeliveryResult:
        """Carry a decision out."""
        return await (await self.delivery(**changes)).carry_out(self.plan(decision))

    def plan(self, decision: Decision, *, done: int = 0) -> Plan:
        """Return the turn's plan."""
        return Plan((self.asked.id,), decision, done)

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    def arrive(self) -> None:
        """Let a copy of the text arrive on the server, late, that nobody hears of."""
        self.server.store.add_message(
            {
                "account_id": self.parts.account.account.id,
                "conversation_id": self.visitor.id,
                "body": "Hello!",
                "type": "bot",
                "metadata": mark((self.asked.id,), by="rule", source="greeting"),
            }
        )

    @property
    def texts(self) -> list[str | None]:
        """What the customer was told."""
        return [message.body for message in self.visitor.said]

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.visitor.conversation.tag_ids}

    def _objection(self) -> Objection | None:
        return self.objections.pop(0) if self.objections else None


def deliver(
    story: Callable[[Delivering], Awaitable[None]], *, source: str = "chat", **options: Any
) -> None:
    """Play a story of one delivery."""

    async def main(parts: Parts) -> None:
        delivering = Delivering(parts, source=source)
        await delivering.prepare()
        await story(delivering)

    perform(main, **options)


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


# What is said, and as whom


def test_a_text_is_confirmed_by_its_echo() -> None:
    """Under the company's name, on the conversation's own topic, with our mark on it."""

    async def story(it: Delivering) -> None:
        began = now()
        result = await it.deliver(reply("Hello!"))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert (said.body, said.user_id) == ("Hello!", None)
        assert said.metadata == mark((it.asked.id,), by="rule", source="greeting")
        assert it.visitor.conversation.assignee_id is None
        assert it.parts.metric("replies_confirmed_total") == 1
        assert it.parts.metric("replies_resent_total") == 0
        assert now() - began < 0.1

    deliver(story)


def test_a_conversation_without_a_source_is_a_chat() -> None:
    """Old rows have none."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply(), source=None)
        assert [one.user_id for one in it.visitor.said] == [None]

    deliver(story)


def test_an_email_is_answered_as_the_user_and_stays_nobodys() -> None:
    """Only a shout on notification: goes out as an e-mail; the assignment it brings is undone."""

    async def story(it: Delivering) -> None:
        bot = it.parts.account.bot
        assigned: list[int | None] = []
        it.parts.store.on_asked["checkpoint"] = lambda: assigned.append(
            it.visitor.conversation.assignee_id
        )
        result = await it.deliver(reply("Hello!", actions=(AddTag("mail"),)))
        assert result.status is DeliveryStatus.CONFIRMED
        assert [one.user_id for one in it.visitor.said] == [bot.id]
        assert it.visitor.conversation.first_replied_at is not None, "it was assigned"
        assert it.visitor.conversation.assignee_id is None
        assert assigned == [None, None]

    deliver(story, source="email")


def test_who_speaks_as_the_user_keeps_the_assignment() -> None:
    """The operator wants it."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply())
        bot = it.parts.account.bot
        assert [one.user_id for one in it.visitor.said] == [bot.id]
        assert it.visitor.conversation.assignee_id == bot.id

    for source in ("chat", "email"):
        deliver(story, source=source, reply={"speak_as": "user"})


def test_what_is_said_under_the_companys_name_undoes_nothing() -> None:
    """No assignment comes with it: one that is there is somebody's will."""

    async def story(it: Delivering) -> None:
        it.visitor.conversation.assignee_id = it.parts.account.bot.id
        await it.deliver(reply())
        assert it.visitor.conversation.assignee_id == it.parts.account.bot.id

    deliver(story)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("chat", "Sure?"),
        ("email", "Sure?\n\n- Yes, please\n- No"),
        ("sms", "Sure?\n\n- Yes, please\n- No"),
    ],
)
def test_quick_replies_are_written_out_where_there_are_no_buttons(source: str, text: str) -> None:
    """The chat window makes buttons of what stands in the metadata."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply("Sure?", quick_replies=BUTTONS))
        [said] = it.visitor.said
        assert said.body == text
        assert said.metadata is not None
        assert said.metadata["quick_replies"] == [
            {"text": "Yes, please", "action": "yes"},
            {"text": "No", "action": "no"},
        ]

    deliver(story, source=source)


@pytest.mark.parametrize("decision", [reply("Sure?"), handoff("Sure?")])
def test_no_buttons_are_made_of_none(decision: Decision) -> None:
    """Neither in the text nor in the metadata."""

    async def story(it: Delivering) -> None:
        await it.deliver(decision)
        [said] = it.visitor.said
        assert said.body == "Sure?"
        assert set(said.metadata or {}) == {"agentbot"}

    for source in ("chat", "email"):
        deliver(story, source=source)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("Hei på deg \N{WAVING HAND SIGN}\n", None), ("a\0b", "ab"), ("a\ud83d!", "a?!"), ("", None)],
)
def test_a_text_that_cannot_be_stored_is_mended(text: str, stored: str | None) -> None:
    """Otherwise the server would crash on it, again and again, and the customer hear nothing."""
    assert storable(text) == (text if stored is None else stored)


def test_what_is_said_is_mended_first() -> None:
    """A language model may write anything."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply("a\0b"))
        assert it.texts == ["ab"]

    deliver(story)


# What is kept first, and what follows


@pytest.mark.parametrize(
    ("decision", "is_kept"),
    [
        (reply(), False),
        (reply(fires=("limit",)), True),
        (reply(actions=(Snooze(timedelta(minutes=5)),)), True),
        (handoff(), True),
        (silence(), False),
        (silence(fires=("limit",)), True),
    ],
)
def test_a_plan_with_consequences_is_kept_before_its_text_leaves(
    decision: Decision,
    is_kept: bool,  # noqa: FBT001 - a column
) -> None:
    """Whoever finds the text after a crash must know what follows it; without, nothing does."""

    async def story(it: Delivering) -> None:
        said: list[int] = []
        it.parts.store.on_asked["checkpoint"] = lambda: said.append(len(it.visitor.said))
        await it.deliver(decision)
        assert said[:1] == ([0] if is_kept else [])
        if is_kept:
            assert Plan.from_json(it.parts.store.plans[0]) == it.plan(decision)

    deliver(story)


def test_a_store_that_is_away_holds_back_the_text() -> None:
    """However long that takes."""

    async def story(it: Delivering) -> None:
        it.parts.store.failures["checkpoint"] = 4
        delivering = asyncio.create_task(it.deliver(handoff("Bye")))
        await asyncio.sleep(3)
        assert it.texts == []
        await delivering
        assert it.texts == ["Bye"]

    deliver(story)


def test_actions_follow_the_text_in_order_and_each_is_kept() -> None:
    """Whoever resumes the plan does not begin again."""

    async def story(it: Delivering) -> None:
        said: list[tuple[int, set[str]]] = []
        it.parts.store.on_asked["checkpoint"] = lambda: said.append((len(it.texts), it.tags))
        await it.deliver(reply(actions=TAGS))
        assert said == [(0, set()), (1, {"one"}), (1, {"one", "two"})]
        assert [plan["done"] for plan in it.parts.store.plans] == [0, 1, 2]

    deliver(story)


def test_a_note_of_progress_that_is_lost_stops_nothing() -> None:
    """A resumed action would be done again, which does no harm."""

    async def story(it: Delivering) -> None:
        def fail_from_now_on() -> None:
            if it.texts:
                it.parts.store.failures["checkpoint"] = 1

        it.parts.store.on_asked["checkpoint"] = fail_from_now_on
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.CONFIRMED
        assert it.tags == {"one", "two"}

    with capture_logs() as said:
        deliver(story)
    assert [line["event"] for line in said].count("checkpoint.lost") == 2


def test_a_resumed_plan_goes_on_where_it_stood() -> None:
    """What is done is not done again, and its text is not said."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        await delivery.act(it.plan(reply(actions=TAGS), done=1))
        assert (it.texts, it.tags) == ([], {"two"})
        assert [plan["done"] for plan in it.parts.store.plans] == [2]

    deliver(story)


@pytest.mark.parametrize("decision", [silence(actions=TAGS), handoff(None, actions=TAGS)])
def test_where_there_is_nothing_to_say_the_actions_are_done_at_once(decision: Decision) -> None:
    """Nothing is sent for them, and nothing can object."""

    async def story(it: Delivering) -> None:
        it.objections = [CLOSED]
        result = await it.deliver(decision)
        assert result == DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
        assert (it.texts, it.tags) == ([], {"one", "two"})

    deliver(story)


def test_a_conversation_that_is_closed_is_read() -> None:
    """As the receipts' settings have it, once all actions are done."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply(actions=(Close(), SetPriority(True))))  # noqa: FBT003
        conversation = it.visitor.conversation
        assert (conversation.status, conversation.priority) == ("closed", "priority")
        assert conversation.read

    deliver(story)


# JOIN


def test_a_topic_that_is_refused_leaves_the_text_unconfirmed() -> None:
    """The conversation was deleted, say: nothing is sent, and nothing follows."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        del it.server.store.conversations[it.visitor.id]
        result = await delivery.carry_out(it.plan(reply(actions=TAGS)))
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert result.reason is not None
        assert result.reason.code == "refused"
        assert result.objection is None
        assert it.server.store.tags == {}

    deliver(story)


def test_a_topic_that_is_refused_while_something_objects_withholds_the_text() -> None:
    """A bot that is leaving joins nothing: its turn is handed back, and not lost."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        del it.server.store.conversations[it.visitor.id]
        it.objections = [CLOSED]
        result = await delivery.carry_out(it.plan(reply()))
        assert result == DeliveryResult.withheld(CLOSED)
        assert result.objection is CLOSED

    deliver(story)


@pytest.mark.parametrize("source", ["chat", "email"])
def test_what_was_read_before_the_connection_broke_is_not_answered(source: str) -> None:
    """Nobody knows what was said meanwhile: it must be read again first."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        it.server.restart(downtime=20, linger=0)
        await asyncio.sleep(1)
        result = await delivery.carry_out(it.plan(reply()))
        assert result.objection is not None
        assert result.objection.reason.code == "reconnected"
        assert it.texts == []
        assert it.parts.session.is_ready

    deliver(story, source=source)


# CHECK


def test_what_objects_in_the_last_moment_withholds_the_text_and_all_that_follows() -> None:
    """It is asked once everything is joined."""

    async def story(it: Delivering) -> None:
        it.objections = [CLOSED]
        result = await it.deliver(reply(actions=TAGS))
        assert result == DeliveryResult.withheld(CLOSED)
        assert result.reason == CLOSED.reason
        assert (it.texts, it.tags) == ([], set())

    deliver(story)


def test_what_objects_before_the_second_sending_withholds_it() -> None:
    """The first was lost: the customer got nothing."""

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        it.objections = [None, CLOSED]
        result = await it.deliver(reply())
        assert result.objection is CLOSED
        assert it.texts == []

    deliver(story)


# SEND


def test_a_text_that_was_lost_is_sent_again() -> None:
    """The connection holds, and the server does not have it."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        began = now()
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert (lost.hits, len(it.texts)) == (1, 1)
        assert now() - began == pytest.approx(5 + 2, abs=0.1), "the time-out, and the settling"
        assert it.parts.metric("replies_resent_total") == 1
        assert it.parts.metric("replies_confirmed_total") == 1

    with capture_logs() as said:
        deliver(story)
    [line] = [line for line in said if line["event"] == "reply.unconfirmed"]
    assert (line["why"], line["attempt"]) == ("late", 1)


def test_a_text_that_the_server_stores_never_is_given_up() -> None:
    """After so many sendings; nothing follows it."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=3)
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert result.reason is not None
        assert result.reason.code == "unconfirmed"
        assert (lost.hits, it.texts, it.tags) == (3, [], set())
        assert it.parts.metric("replies_resent_total") == 2

    with capture_logs() as said:
        deliver(story)
    attempts = [line["attempt"] for line in said if line["event"] == "reply.unconfirmed"]
    assert attempts == [1, 2, 3]


def test_an_outage_is_nothing_to_give_up_for() -> None:
    """However often the connection breaks while the text is under way."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=3)
        delivering = asyncio.create_task(it.deliver(reply()))
        for count in (1, 2, 3):
            await it.parts.until(lambda count=count: lost.hits == count)  # type: ignore[misc]
            it.server.drop()
        result = await delivering
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    with capture_logs() as said:
        deliver(story, reply={"max_attempts": 1})
    why = [line["why"] for line in said if line["event"] == "reply.unconfirmed"]
    assert why == ["connection_lost"] * 3


def test_an_echo_that_the_connection_loses_is_found_on_the_server() -> None:
    """The text was stored: it is not sent again."""

    async def story(it: Delivering) -> None:
        it.faults.cut(event="shout", echo=True)
        result = await it.deliver(reply(actions=TAGS))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert it.tags == {"one", "two"}
        assert it.parts.metric("replies_resent_total") == 0
        assert it.parts.count(events.Connected) == 2

    deliver(story)


def test_an_echo_that_does_not_come_is_looked_for() -> None:
    """The connection holds, but the server has told nobody."""

    async def story(it: Delivering) -> None:
        it.faults.mute_shout(topic="conversation:")
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    deliver(story)


def test_a_server_that_takes_its_time_is_waited_for() -> None:
    """Its channel works in order: as long as our ping is not answered, the text may yet come."""

    async def story(it: Delivering) -> None:
        it.faults.slow_shout(store=12.0, times=1)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1
        assert it.parts.metric("replies_resent_total") == 0

    deliver(story)


def test_a_connection_that_stands_still_is_given_up() -> None:
    """It might carry the text later, behind a second copy. That is no sending to be counted."""

    async def story(it: Delivering) -> None:
        await it.parts.session.joined(it.visitor.id)
        it.faults.stall(connection=it.server.sockets[0])
        began = now()
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert now() - began == pytest.approx(5 + 10 + 2, abs=0.5)
        assert it.parts.count(events.ConnectionLost) == 1
        assert len(it.texts) == 1

    deliver(story, reply={"max_attempts": 1})


def test_a_topic_that_crashes_while_it_is_asked_has_lost_the_text() -> None:
    """What was in the channel is gone with it."""

    async def story(it: Delivering) -> None:
        topic = f"conversation:{it.visitor.id}"
        it.faults.slow_shout(store=60.0, times=1)
        it.in_seconds(7, lambda: it.server.crash(topic))
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1
        assert it.parts.count(events.ConnectionLost) == 0

    deliver(story)


def test_a_topic_that_goes_as_the_text_is_to_leave_is_joined_again() -> None:
    """Nothing has left: that is no sending that went unheard."""

    async def story(it: Delivering) -> None:
        def lose_the_topic() -> Objection | None:
            if not gone:
                gone.append(True)
                it.parts.session.unfollow(it.visitor.id)
            return None

        gone: list[bool] = []
        conversation = await it.parts.rest.conversation(it.visitor.id)
        delivery = Delivery(
            it.parts.services, conversation, it.claim, as_of=1, objection=lose_the_topic
        )
        result = await delivery.carry_out(it.plan(reply()))
        assert gone
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    deliver(story, reply={"max_attempts": 1})


class NotingEchoes(Echoes):
    """Echoes that note what is waited for, and what no longer is."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited: list[str] = []
        self.forgotten: list[str] = []

    def expect(self, message_id: str) -> asyncio.Future[Any]:
        """Note it."""
        self.awaited.append(message_id)
        return super().expect(message_id)

    def forget(self, message_id: str) -> None:
        """Note it."""
        self.forgotten.append(message_id)
        super().forget(message_id)


def test_whatever_was_waited_for_is_forgotten() -> None:
    """Nothing of a delivery stays behind."""
    echoes = NotingEchoes()

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        await it.deliver(reply())
        assert echoes.awaited == echoes.forgotten == [it.asked.id] * 2

    deliver(story, echoes=echoes)


# SEND, where being on notification: would be being seen


def test_off_duty_an_email_is_answered_over_rest() -> None:
    """What a shout does, this does too, and nobody sees the bot online."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        result = await it.deliver(reply("Sure?", quick_replies=BUTTONS))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert said.body == "Sure?\n\n- Yes, please\n- No"
        assert (said.metadata or {})["agentbot"]["in_reply_to"] == it.asked.id
        assert it.visitor.conversation.assignee_id is None
        assert "POST /api/messages" in it.parts.network.asked

    deliver(story, source="email")


def test_off_duty_a_chat_is_answered_on_its_own_topic() -> None:
    """Being there is not being seen."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert [one.user_id for one in it.visitor.said] == [None]
        assert "POST /api/messages" not in it.parts.network.asked

    deliver(story)


def is_post(request: httpx2.Request) -> bool:
    """Say whether a request writes a message."""
    return request.method == "POST" and request.url.path == "/api/messages"


def test_a_server_that_is_away_is_nothing_to_give_up_writing_for() -> None:
    """Neither one that cannot be reached, nor one that a proxy speaks for."""

    async def unreachable(it: Delivering) -> None:
        it.parts.session.set_present(False)
        cut: list[str] = []

        def is_cut(request: httpx2.Request) -> bool:
            if is_post(request) and len(cut) < 4:
                cut.append(request.method)
                return True
            return False

        it.parts.network.is_cut = is_cut
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert (len(cut), len(it.texts)) == (4, 1)

    async def unavailable(it: Delivering) -> None:
        it.parts.session.set_present(False)
        it.faults.answer(status=503, method="POST", path="/api/messages", times=4)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    for story in (unreachable, unavailable):
        deliver(story, source="email")


def test_what_the_server_cannot_write_is_given_up() -> None:
    """It answers that it failed, as it will for ever."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        failed = it.faults.answer(status=500, method="POST", path="/api/messages")
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert (failed.hits, it.texts) == (3, [])

    with capture_logs() as said:
        deliver(story, source="email")
    assert [line["event"] for line in said].count("reply.not_written") == 3


def test_a_refused_login_is_nothing_that_a_delivery_mends() -> None:
    """It ends the bot."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        delivery = await it.delivery()
        it.server.expire_tokens(renew_tokens=True)
        it.parts.account.bot.password = "another"
        began = now()
        with pytest.raises(LoginRefused):
            await delivery.carry_out(it.plan(reply()))
        assert now() - began < 1, "nothing is looked for first"

    deliver(story, source="email")


# LOOK


def test_a_text_that_arrives_after_the_connection_broke_is_not_sent_again() -> None:
    """Its last bytes may take a moment: so long nobody looks."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        delivering = asyncio.create_task(it.deliver(reply()))
        await it.parts.until(lambda: lost.hits)
        it.server.drop()
        it.in_seconds(1.9, it.arrive)
        result = await delivering
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)

    deliver(story)


def test_what_is_said_while_it_is_looked_for_is_heard_first() -> None:
    """The connection broke once more meanwhile: it is looked for again."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        delivering = asyncio.create_task(it.deliver(reply()))
        await it.parts.until(lambda: lost.hits)
        it.server.drop()
        await it.parts.until(lambda: it.parts.services.current.connections == 2)
        await it.parts.session.joined(it.visitor.id)
        await asyncio.sleep(1.0)
        it.server.drop()
        result = await delivering
        assert result.status is DeliveryStatus.CONFIRMED
        looks = it.parts.network.asked.count(f"GET /api/conversations/{it.visitor.id}")
        assert looks == 1 + 2, "one of the test's own"
        assert len(it.texts) == 1

    deliver(story)


def test_a_server_that_is_away_is_waited_for_before_anything_is_sent_again() -> None:
    """Whoever cannot look does not speak."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        it.faults.drop_shout(times=1)
        away = it.faults.answer(status=503, method="GET", path="/api/conversations/")
        it.in_seconds(60, away.remove)
        began = now()
        result = await delivery.carry_out(it.plan(reply()))
        assert result.status is DeliveryStatus.CONFIRMED
        assert now() - began >= 60
        assert away.hits > 3

    deliver(story)


MEANWHILE: dict[str, tuple[str, Callable[[Delivering], object]]] = {
    "a person answers": ("person", lambda it: it.visitor.is_answered_by(it.parts.account.ann)),
    "it is deleted": (
        "changed",
        lambda it: it.server.store.conversations.pop(it.visitor.id),
    ),
    "it is closed": ("changed", lambda it: setattr(it.visitor.conversation, "status", "closed")),
    "it is assigned": (
        "changed",
        lambda it: setattr(it.visitor.conversation, "assignee_id", it.parts.account.ann.id),
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_has_changed_since_the_first_sending_withholds_the_second(what: str) -> None:
    """It is read before anything is sent again, whether anybody has told us or not."""
    code, happen = MEANWHILE[what]

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        it.in_seconds(3, lambda: happen(it))
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.objection is not None
        assert result.objection.reason.code == code
        assert (it.texts, it.tags) == ([], set())

    deliver(story)


# Modes in which the customer is told nothing


def test_a_suggestion_is_left_to_people_as_a_note() -> None:
    """Nothing else of the plan is done."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        result = await delivery.only_show(it.plan(reply("a\0b", actions=TAGS)))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.reason is not None
        assert (result.reason.code, result.objection) == ("suggested", None)
        assert [note.body for note in it.visitor.notes] == ["Suggested reply:\n\nab"]
        assert (it.texts, it.tags) == ([], set())

    deliver(story, mode="suggest")


def test_a_dry_run_leaves_nothing() -> None:
    """It stands in the journal alone."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        result = await delivery.only_show(it.plan(reply(actions=TAGS)))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.reason is not None
        assert (result.reason.code, result.objection) == ("dry_run", None)
        assert (it.visitor.notes, it.texts, it.tags) == ([], [], set())

    deliver(story, mode="dry_run")
