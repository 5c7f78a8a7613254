"""The customer's session, in process and over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx2
import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import PushNotSent
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.phoenix.frames import Frame, encode
from tests.support.timing import within
from tests.support.transport import DevServerConnector
from tests.support.virtual_account import START, URL, Agent, VirtualAccount
from tests.support.virtual_time import run_virtual


class Cut(httpx2.AsyncBaseTransport):
    """A way to the server on which no history is asked for."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, unless it asks for a history."""
        if request.url.path == "/api/conversations/customer":
            raise httpx2.ConnectError("cut", request=request)
        return await self._transport.handle_async_request(request)


def test_a_visitor_is_made_joined_and_heard() -> None:
    """Their own words come back to them with an id."""

    async def main() -> None:
        account = VirtualAccount()
        async with account.customer() as customer:
            await customer.shout("Hello", metadata={"page": "/"})
            message = await customer.next_message()
            assert (message.body, message.metadata) == ("Hello", {"page": "/"})
            assert message.customer_id == customer.customer_id
            sent_at = account.server.store.messages[message.id].sent_at
            assert sent_at is not None
            assert 0 <= (sent_at - START).total_seconds() <= 1
            rest = account.customer_rest()
            [conversation] = await rest.conversations(account.account.id, customer.customer_id)
            assert conversation.id == customer.conversation_id
            settings = await rest.widget_settings(account.account.id)
            assert settings.account is not None
            assert settings.account.company_name == "Acme"
            await rest.aclose()

    run_virtual(main())


def test_his_receipt_marks_agents_messages_as_seen() -> None:
    """Those with a user id."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            await agent.rest.create_message(customer.conversation_id, "Hi")
            message = await customer.next_message()
            assert message.seen_at is None
            customer.seen()
            await asyncio.sleep(1)
            [stored] = await agent.rest.messages(customer.conversation_id)
            assert stored.seen_at is not None

    run_virtual(main())


def test_he_can_leave_and_rejoin_as_the_widget_does() -> None:
    """And survive a lost connection."""

    async def main() -> None:
        account = VirtualAccount()
        async with account.customer() as customer:
            await customer.rejoin()
            await customer.shout("after the rejoin")
            assert (await customer.next_message()).body == "after the rejoin"
            account.server.drop(1000)
            await asyncio.sleep(0.01)
            await customer.shout("after the drop")
            assert (await customer.next_message()).body == "after the drop"

    run_virtual(main())


def test_a_conversation_that_an_agent_begins_is_gone_over_to() -> None:
    """Its first message was said before it was joined; what follows comes live, once."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            first = customer.conversation_id
            begun = await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
            message = await customer.next_message()
            assert (message.body, message.conversation_id) == ("Your parcel is here", begun.id)
            assert customer.conversation_id == begun.id != first
            await customer.shout("Thank you")
            assert (await customer.next_message()).conversation_id == begun.id
            await agent.rest.create_message(begun.id, "You are welcome")
            assert (await customer.next_message()).body == "You are welcome"
            await agent.rest.create_message(first, "Still here?")
            await asyncio.sleep(5)
            assert customer._unread.empty()
            assert customer.dropped == {}
            assert agent.session.is_here(customer.customer_id)

    run_virtual(main())


@pytest.mark.parametrize("is_in_it", [True, False])
def test_what_is_said_while_the_history_is_read_comes_after_it(is_in_it: bool) -> None:  # noqa: FBT001 - a column
    """Each once, in the order in which they were said, whether or not it stands in the history too.

    What cannot be read is counted.
    """

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            account.server.faults.slow(5.0, path="/api/conversations/customer", answer=not is_in_it)
            begun = await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
            await asyncio.sleep(1)
            await agent.rest.create_message(begun.id, "Will you fetch it?")
            hub = account.server.backend.hub
            hub.broadcast(f"conversation:{begun.id}", "shout", {"body": "raw"})
            heard = [(await customer.next_message()).body for _ in range(2)]
            assert heard == ["Your parcel is here", "Will you fetch it?"]
            await asyncio.sleep(30)
            assert customer._unread.empty()
            assert customer.dropped == {"raw_shout": 1}

    run_virtual(main())


def test_what_is_said_before_the_join_stands_in_the_history() -> None:
    """It is read once the conversation is joined: nothing is said in between."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            account.server.faults.refuse_join(reason="busy", times=1)
            begun = await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
            await asyncio.sleep(0.5)
            await agent.rest.create_message(begun.id, "Will you fetch it?")
            async with asyncio.timeout(60):
                heard = [(await customer.next_message()).body for _ in range(2)]
            assert heard == ["Your parcel is here", "Will you fetch it?"]

    run_virtual(main())


def test_only_the_conversation_begun_last_is_read() -> None:
    """What is left is left, and so is its history; nothing is read any more after the end."""

    async def main() -> None:
        account = VirtualAccount()
        account.server.faults.slow(5.0, path="/api/conversations/customer", answer=True)
        async with Agent(account, account.rest()) as agent:
            async with account.customer() as customer:
                await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
                await asyncio.sleep(1)
                await agent.rest.begin_conversation(customer.customer_id, "Your parcel is gone")
                await asyncio.sleep(30)
                assert (await customer.next_message()).body == "Your parcel is gone"
                assert customer._unread.empty()
                await agent.rest.begin_conversation(customer.customer_id, "Your parcel is lost")
                await asyncio.sleep(1)
            await asyncio.sleep(30)
            assert customer._unread.empty()
            assert customer.dropped == {}

    run_virtual(main())


def test_a_history_that_cannot_be_read_is_counted_and_the_rest_is_heard() -> None:
    """The server does not answer; what is said from then on comes all the same."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            account.server.faults.answer(status=500, path="/api/conversations/customer")
            begun = await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
            await asyncio.sleep(30)
            assert customer.dropped == {"history": 1}
            await agent.rest.create_message(begun.id, "Are you there?")
            assert (await customer.next_message()).body == "Are you there?"

    run_virtual(main())


def test_without_a_way_to_the_server_no_history_is_read() -> None:
    """It is counted, as one that the server cannot give."""

    async def main() -> None:
        account = VirtualAccount()
        rest = CustomerRest(URL, transport=Cut(account.transport), random=lambda: 0.5)
        customer = CustomerSession(
            rest, account.account.id, connector=DevServerConnector(account.server)
        )
        async with Agent(account, account.rest()) as agent, customer:
            await agent.rest.begin_conversation(customer.customer_id, "Your parcel is here")
            await asyncio.sleep(30)
            assert customer.dropped == {"history": 1}

    run_virtual(main())


def test_a_conversation_that_is_refused_has_no_history() -> None:
    """Whoever is announced one that the server does not know hears so when they speak."""

    async def main() -> None:
        account = VirtualAccount()
        async with account.customer() as customer:
            lobby = f"conversation:lobby:{customer.customer_id}"
            unknown = {"id": "00000000-0000-4000-8000-000000000000"}
            account.server.backend.hub.broadcast(lobby, "conversation:created", unknown)
            await asyncio.sleep(30)
            assert customer.dropped == {"history": 1}
            with pytest.raises(PushNotSent, match="unauthorized"):
                await customer.shout("Hello?")

    run_virtual(main())


def test_a_created_that_cannot_be_read_is_counted() -> None:
    """The customer stays where they are, as with one announced anew; a shout in their lobby is no
    message."""

    async def main() -> None:
        account = VirtualAccount()
        connector = DevServerConnector(account.server)
        customer = CustomerSession(account.customer_rest(), account.account.id, connector=connector)
        async with customer:
            before = customer.conversation_id
            lobby = f"conversation:lobby:{customer.customer_id}"
            account.server.faults.answer(status=500, path="/api/conversations/customer")
            connection = connector.connections[0]
            for payload in ({}, {"id": before}):
                frame = Frame(None, None, lobby, "conversation:created", payload)
                connection.bring(encode(frame))
            shout = {"id": "m", "conversation_id": before, "created_at": "2026-11-23T09:00:00"}
            connection.bring(encode(Frame(None, None, lobby, "shout", shout)))
            await asyncio.sleep(30)
            assert customer.dropped == {"created": 1, "shout": 1}
            assert customer.conversation_id == before
            assert customer._unread.empty()

    run_virtual(main())


def test_a_refused_conversation_is_told_at_once() -> None:
    """Rather than waited for."""

    async def main() -> None:
        account = VirtualAccount()
        body = '{"data": {"id": "00000000-0000-4000-8000-000000000000"}}'
        account.server.faults.answer(status=201, body=body, path="/api/conversations")
        with pytest.raises(PushNotSent, match="unauthorized"):
            async with account.customer():
                pass

    run_virtual(main())


def test_what_is_not_read_is_bounded() -> None:
    """The oldest goes; what cannot be read is counted."""

    async def main() -> None:
        account = VirtualAccount()
        connector = DevServerConnector(account.server)
        customer = CustomerSession(
            account.customer_rest(), account.account.id, connector=connector, max_unread=2
        )
        async with customer:
            for number in range(3):
                await customer.shout(str(number))
            connection = connector.connections[0]
            topic = f"conversation:{customer.conversation_id}"
            await asyncio.sleep(1)
            connection.bring(encode(Frame(None, None, topic, "shout", {"body": "raw"})))
            connection.bring("rubbish")
            await asyncio.sleep(1)
            assert [(await customer.next_message()).body for _ in range(2)] == ["1", "2"]
            assert customer.dropped == {"unread": 1, "raw_shout": 1, "frame": 1}

    run_virtual(main())


async def test_question_and_answer_over_real_sockets() -> None:
    """The whole way, with the connection cut in between, and a goodbye."""
    server = DevServer()
    account, _, _ = server.seed()
    async with serve(server) as base, within(30):
        url = PapercupsUrl.parse(base)
        told: asyncio.Queue[events.Event] = asyncio.Queue()

        async def until(kind: type[events.Event]) -> events.Event:
            while not isinstance(event := await told.get(), kind):
                pass
            return event

        def hear(happened: Sequence[events.Event]) -> None:
            for event in happened:
                told.put_nowait(event)

        async with AgentRest(url, email="bot@example.com", password="papercups") as rest:
            agent = AgentSession(url=url, login=rest.login, on_events=hear)
            running = asyncio.create_task(agent.run())
            await until(events.Connected)
            async with CustomerRest(url) as visitor, CustomerSession(visitor, account.id) as vera:
                server.drop(1000)
                await until(events.Connected)
                await vera.shout("Do you ship to Norway?")
                asked = await until(events.MessageReceived)
                assert isinstance(asked, events.MessageReceived)
                await agent.joined(asked.message.conversation_id)
                agent.shout(asked.message.conversation_id, "Yes")
                bodies = [(await vera.next_message()).body for _ in range(2)]
                assert bodies == ["Do you ship to Norway?", "Yes"]
            await agent.close()
            await running
