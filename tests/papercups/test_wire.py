"""What the sessions put on the wire, in which order, and what they leave behind: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest

from agentbot.devserver.server import DevServer
from agentbot.errors import PushNotSent
from agentbot.papercups import events
from agentbot.papercups.customer import CustomerSession
from agentbot.phoenix import frames
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.transport import Connection, Listener
from tests.support.transport import DevServerConnector
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual

GONE = "00000000-0000-4000-8000-000000000000"


class Tapped:
    """A connection into a devserver that keeps what the client sends, and when it says goodbye."""

    def __init__(self, connection: Connection) -> None:
        self.sent: list[Frame] = []
        self.closed_at: float | None = None
        self._connection = connection

    @property
    def is_writable(self) -> bool:
        """Whether more may be sent."""
        return self._connection.is_writable

    def send(self, frames_: Sequence[str], /) -> None:
        """Keep and send."""
        self.sent += map(frames.decode, frames_)
        self._connection.send(frames_)

    def close(self, code: int = 1000) -> None:
        """Note the goodbye, and say it."""
        self.closed_at = asyncio.get_running_loop().time()
        self._connection.close(code)

    def abort(self) -> None:
        """Cut."""
        self._connection.abort()


class Tap(DevServerConnector):
    """Opens tapped connections."""

    def __init__(self, server: DevServer) -> None:
        super().__init__(server)
        self.taps: list[Tapped] = []

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open one."""
        self.taps.append(Tapped(await super().connect(url, listener)))
        return self.taps[-1]

    def sent(self, event: str) -> Iterator[Frame]:
        """Yield what was sent with this event, on any connection."""
        for tap in self.taps:
            yield from (frame for frame in tap.sent if frame.event == event)


Story = Callable[[VirtualAccount, Agent, Tap], Awaitable[None]]


def tapped(story: Story, *, before: Callable[[Agent], None] = lambda _agent: None) -> None:
    """Run a story with a connected agent whose connections are tapped."""

    async def main() -> None:
        account = VirtualAccount()
        tap = account.connector = Tap(account.server)
        agent = Agent(account, account.rest())
        before(agent)
        async with agent:
            await story(account, agent, tap)

    run_virtual(main())


@pytest.mark.parametrize("via", ["conversation", "notification"])
def test_a_shout_goes_by_way_of_its_topic_with_its_metadata(via: events.Via) -> None:
    """Which of them decides who has spoken, and whom it reaches."""

    async def story(account: VirtualAccount, agent: Agent, tap: Tap) -> None:
        async with account.customer() as customer:
            id_ = customer.conversation_id
            await agent.session.joined(id_)
            agent.session.shout(id_, "Hi", metadata={"a": 1}, via=via)
            await agent.session.dealt_with(id_, via=via)
            [shout] = tap.sent("shout")
            ping = list(tap.sent("ping"))[-1]
            topic = f"{via}:{id_ if via == 'conversation' else account.account.id}"
            assert shout.topic == ping.topic == topic
            payload = {"body": "Hi", "type": "bot", "metadata": {"a": 1}}
            if via == "notification":
                payload["conversation_id"] = id_
            assert shout.payload == payload
            [stored] = account.server.store.conversations[id_].messages
            assert stored.metadata == {"a": 1}

    tapped(story)


def test_a_topic_that_is_not_joined_cannot_be_asked() -> None:
    """A conversation's, that is; the agents' own is joined."""

    async def story(_account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        with pytest.raises(PushNotSent):
            await agent.session.dealt_with(GONE)
        await agent.session.dealt_with(GONE, via="notification")

    tapped(story)


def test_the_receipt_of_the_customer_is_what_the_server_takes_for_one() -> None:
    """It stamps what agents wrote."""

    async def story(account: VirtualAccount, agent: Agent, tap: Tap) -> None:
        async with account.customer() as customer:
            id_ = customer.conversation_id
            await agent.session.joined(id_)
            await agent.rest.create_message(id_, "Hi")
            assert agent.session.seen(id_)
            await agent.session.dealt_with(id_)
            [stored] = account.server.store.conversations[id_].messages
            assert stored.seen_at is not None
            assert [frame.event for frame in tap.sent("messages:seen")] == ["messages:seen"]

    tapped(story)


def test_whoever_is_no_longer_followed_is_left() -> None:
    """Those who wait for it hear that at once."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        async with account.customer() as customer:
            id_ = customer.conversation_id
            await agent.session.joined(id_)
            [socket, _] = account.server.sockets
            assert f"conversation:{id_}" in socket.topics
            agent.session.unfollow(id_)
            await asyncio.sleep(1)
            assert f"conversation:{id_}" not in socket.topics
            waiting = asyncio.create_task(agent.session.joined(id_))
            await asyncio.sleep(0)
            agent.session.unfollow(id_)
            with pytest.raises(PushNotSent) as caught:
                await waiting
            assert caught.value.event == "shout"

    tapped(story)


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_a_farewell_waits_for_the_leave_to_be_confirmed(seconds: float) -> None:
    """And no longer: also where it had been off duty before."""

    async def story(account: VirtualAccount, agent: Agent, tap: Tap) -> None:
        agent.session.set_present(False)
        await asyncio.sleep(1)
        agent.session.set_present(True)
        await asyncio.sleep(1)
        account.server.faults.delay(seconds, topic="notification:")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await agent.session.close()
        [connection] = tap.taps
        left = [frame.topic for frame in connection.sent if frame.event == "phx_leave"]
        assert left == [f"notification:{account.account.id}"] * 2
        assert connection.closed_at is not None
        assert seconds <= connection.closed_at - began < seconds + 0.1

    tapped(story)


def test_a_farewell_is_quick_where_nothing_is_joined() -> None:
    """There is nobody to leave."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        account.server.faults.refuse()
        account.server.drop()
        await agent.saw(events.Unreachable)
        began = asyncio.get_running_loop().time()
        await agent.session.close()
        assert asyncio.get_running_loop().time() - began < 0.1

    tapped(story)


def test_presence_that_does_not_change_is_no_news() -> None:
    """Nothing has to be caught up with for it."""

    async def story(_account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        duty = []
        for present in (True, False):
            agent.session.set_present(present)
            duty.append(agent.session.is_on_duty)
        assert duty == [True, False]
        await asyncio.sleep(1)
        assert agent.count(events.Connected) == 1
        agent.session.set_present(False)
        await asyncio.sleep(1)
        assert agent.count(events.Connected) == 1
        agent.session.set_present(True)
        await asyncio.sleep(1)
        assert agent.count(events.Connected) == 2, "what was shouted meanwhile was not heard"

    tapped(story)


def test_nothing_is_joined_before_it_is_known_whose_it_is() -> None:
    """However often presence is decided before the first login."""

    def decide(agent: Agent) -> None:
        agent.session.set_present(False)
        agent.session.set_present(True)

    async def story(account: VirtualAccount, agent: Agent, tap: Tap) -> None:
        await asyncio.sleep(30)
        assert agent.session.counters.connects == 1
        id_ = account.account.id
        joined = [frame.topic for frame in tap.sent("phx_join")]
        assert joined == [f"notification:{id_}", f"room:{id_}"]

    tapped(story, before=decide)


def test_a_connection_that_never_was_ready_is_not_told_lost_twice() -> None:
    """Whoever was told once that it is not there knows."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        account.server.faults.lose(event="phx_reply")
        for _ in range(3):
            account.server.drop()
            await asyncio.sleep(5)
        assert agent.count(events.Disconnected) == 1
        account.server.faults.clear()
        await agent.saw(events.Connected, 2)

    tapped(story)


@pytest.mark.parametrize(("refusals", "renewals", "logins"), [(1, 1, 0), (2, 1, 1)])
def test_a_refused_token_is_renewed_first_and_then_asked_for_anew(
    refusals: int, renewals: int, logins: int
) -> None:
    """A renewal is cheap; where its token is refused as well, the password has to speak."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        asked = account.server.faults.slow(0.0, method="POST", path="/api/session")
        renewed = account.server.faults.slow(0.0, method="POST", path="/api/session/renew")
        account.server.faults.refuse(status=403, times=refusals)
        account.server.drop()
        await agent.saw(events.Connected, 2)
        assert renewed.hits == renewals
        assert asked.hits - renewed.hits == logins

    tapped(story)


def test_a_token_that_our_own_topics_refuse_is_asked_for_anew_once() -> None:
    """The next connection uses the new one, and the one after it too."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        asked = account.server.faults.slow(0.0, method="POST", path="/api/session")
        other = account.server.create_account("Other")
        account.bot.account_id = other.id
        account.server.drop()
        await agent.saw(events.Connected, 2)
        assert asked.hits == 1
        assert agent.session.account_id == other.id
        assert agent.count(events.Disconnected) == 2
        account.server.drop()
        await agent.saw(events.Connected, 3)
        assert asked.hits == 1
        await asyncio.sleep(3600)
        account.server.drop()
        await agent.saw(events.Connected, 4)
        assert asked.hits > 1, "an old token is renewed as ever"

    tapped(story)


def test_a_topic_that_is_refused_to_a_ready_session_is_told_once() -> None:
    """Giving up the connection for it is no second piece of news."""

    async def story(account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        agent.session.set_present(False)
        await asyncio.sleep(1)
        account.bot.account_id = account.server.create_account("Other").id
        agent.session.set_present(True)
        await agent.saw(events.Connected, 2)
        [refused] = await agent.saw(events.Disconnected)
        assert "was refused" in refused.reason

    tapped(story)


def test_a_farewell_off_duty_is_quick() -> None:
    """Nobody sees us."""

    async def story(_account: VirtualAccount, agent: Agent, _tap: Tap) -> None:
        agent.session.set_present(False)
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await agent.session.close()
        assert asyncio.get_running_loop().time() - began < 0.1

    tapped(story)


def test_whoever_was_never_ready_is_not_told_to_be_so_no_longer() -> None:
    """There was nothing to lose."""

    async def main() -> None:
        account = VirtualAccount()
        account.server.faults.lose(event="phx_reply")
        agent = Agent(account, account.rest())
        running = asyncio.create_task(agent.session.run())
        await asyncio.sleep(5)
        account.server.drop()
        await asyncio.sleep(5)
        assert agent.count(events.ConnectionLost) == 1
        assert agent.count(events.Disconnected) == 0
        await agent.session.close()
        await running
        await agent.rest.aclose()

    run_virtual(main())


def test_a_visitor_speaks_as_their_window_does() -> None:
    """They join the lobby and their conversation, say who they are, and when they wrote."""

    async def main() -> None:
        account = VirtualAccount()
        tap = Tap(account.server)
        customer = CustomerSession(
            account.customer_rest(),
            account.account.id,
            connector=tap,
            clock=account.server.backend.now,
            random=lambda: 0.5,
        )
        async with customer:
            await customer.shout("Hi")
            await customer.next_message()
            await customer.rejoin()
            customer.seen()
        joins = [(frame.topic, frame.payload) for frame in tap.sent("phx_join")]
        own = (f"conversation:{customer.conversation_id}", {"customer_id": customer.customer_id})
        assert joins == [(f"conversation:lobby:{customer.customer_id}", {}), own, own]
        [shout] = tap.sent("shout")
        assert shout.payload["sent_at"].endswith("Z")
        assert set(shout.payload) == {"body", "customer_id", "sent_at"}
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main())


def test_a_visitor_who_is_refused_leaves_nothing_running() -> None:
    """Whoever opened the session gets the error, and no task."""

    async def main() -> None:
        account = VirtualAccount()
        customer = account.customer()
        entering = asyncio.create_task(customer.__aenter__())
        while not account.server.store.conversations:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0)
        account.server.store.conversations.clear()
        with pytest.raises(PushNotSent):
            await entering
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert account.server.sockets == []

    run_virtual(main())
