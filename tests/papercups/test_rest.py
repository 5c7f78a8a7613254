"""An agent's REST, against a devserver in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from agentbot.errors import NotFound, Unprocessable
from agentbot.papercups.api import ApiOptions
from agentbot.papercups.rest import AgentRest
from tests.support.virtual_account import URL, VirtualAccount
from tests.support.virtual_time import run_virtual

GONE = "00000000-0000-4000-8000-000000000000"


def with_rest(story: Callable[[VirtualAccount, AgentRest], Awaitable[None]]) -> None:
    """Run a story with an account and its bot's REST."""

    async def main() -> None:
        account = VirtualAccount()
        async with account.rest() as rest:
            await story(account, rest)

    run_virtual(main())


def test_the_account_and_its_parts_can_be_read() -> None:
    """Who we are, who else is there, where messages land."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        me = await rest.me()
        assert (me.id, me.account_id) == (account.bot.id, account.account.id)
        seen = await rest.account()
        assert (seen.company_name, seen.time_zone) == ("Acme", None)
        assert {user.id for user in seen.users} == {account.bot.id, account.ann.id}
        assert {user.email for user in await rest.users()} >= {"ann@example.com"}
        assert [inbox.is_primary for inbox in await rest.inboxes()] == [True]

    with_rest(story)


def test_a_conversation_can_be_read_written_to_and_triaged() -> None:
    """Tags by name: made where the account has none of it."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        async with account.customer() as customer:
            id_ = customer.conversation_id
            await customer.shout("Hello")
            await customer.next_message()
            written = await rest.create_message(
                id_, "A note", type="note", private=True, metadata={"a": 1}
            )
            assert written.is_private
            conversation = await rest.conversation(id_)
            assert {message.body for message in conversation.messages} == {"Hello", "A note"}
            assert conversation.customer is not None
            assert conversation.customer.name == "Vera"
            assert {message.id for message in await rest.messages(id_)} == {
                message.id for message in conversation.messages
            }
            updated = await rest.update_conversation(id_, assignee_id=None, priority="priority")
            assert (updated.assignee_id, updated.priority) == (None, "priority")
            user = account.server.store.users_of(account.account.id)[0]
            assert (await rest.assign(id_, user.id)).assignee_id == user.id
            assert (await rest.assign(id_, None)).assignee_id is None
            assert (await rest.mark_read(id_)).read
            assert not (await rest.mark_read(id_, read=False)).read
            made = await rest.add_tag(id_, "vip")
            assert await rest.add_tag(id_, "vip") == made
            assert [tag.name for tag in (await rest.conversation(id_)).tags] == ["vip"]
            await rest.remove_tag(id_, "vip")
            await rest.remove_tag(id_, "unknown")
            assert (await rest.conversation(id_)).tags == ()

    with_rest(story)


def test_a_new_tag_that_many_conversations_need_at_once_is_made_once() -> None:
    """In a rush each finds that the account has none of that name, and one makes it."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        async with account.customer() as one, account.customer() as other:
            account.server.faults.slow(1.0, answer=True, method="GET", path="/api/tags", times=2)
            ids = [one.conversation_id, other.conversation_id]
            await asyncio.gather(*(rest.add_tag(id_, "urgent") for id_ in ids))
            assert [tag.name for tag in await rest.tags()] == ["urgent"]
            for id_ in ids:
                assert [tag.name for tag in (await rest.conversation(id_)).tags] == ["urgent"]

    with_rest(story)


def test_a_tag_that_cannot_be_made_is_refused() -> None:
    """Without a name, say."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        async with account.customer() as customer:
            with pytest.raises(Unprocessable):
                await rest.add_tag(customer.conversation_id, "")

    with_rest(story)


@pytest.mark.parametrize("id_", [GONE, "no-uuid"])
def test_an_unknown_conversation_is_not_found(id_: str) -> None:
    """Whether or not the id could be one."""

    async def story(_: VirtualAccount, rest: AgentRest) -> None:
        with pytest.raises(NotFound):
            await rest.conversation(id_)

    with_rest(story)


async def with_lost_pages(account: VirtualAccount, rest: AgentRest) -> tuple[set[str], set[str]]:
    """Have 90 visitors speak and close 5 conversations again; return the open ones, and 60 empty.

    A cursor taken from an empty one loses some that are open.
    """
    store = account.server.store
    vera = store.add_customer({"account_id": account.account.id})
    fields = {"account_id": account.account.id, "customer_id": vera.id}
    spoken = set()
    for number in range(90):
        async with account.customer(f"Visitor {number}") as customer:
            await customer.shout("Hello")
            await customer.next_message()
            spoken.add(customer.conversation_id)
    for id_ in sorted(spoken)[:5]:
        await rest.update_conversation(id_, status="closed")
        spoken.remove(id_)
    empty = {store.add_conversation(fields).id for _ in range(60)}
    by_pages = set()
    after = None
    while True:
        page = await rest.conversations(after=after)
        by_pages |= {item.id for item in page.data}
        if (after := page.next) is None:
            break
    assert page.total == 145
    assert not spoken <= by_pages
    return spoken, empty


def test_all_open_conversations_are_found_though_pages_lose_some() -> None:
    """By asking for those that hold text; nobody has to read all messages for it."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        spoken, empty = await with_lost_pages(account, rest)
        asked = account.server.faults.answer(status=500, body="{}", path="/api/messages")
        found = [item.id async for item in rest.open_conversations()]
        assert len(found) == len(set(found))
        assert spoken <= set(found) <= spoken | empty
        assert asked.hits == 0

    with_rest(story)


class OlderServer(httpx2.AsyncBaseTransport):
    """A way to a server that does not know how to look for text."""

    def __init__(self, account: VirtualAccount) -> None:
        self._way = account.transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask without the text."""
        request.url = request.url.copy_remove_param("q")
        return await self._way.handle_async_request(request)


def test_a_server_that_cannot_look_for_text_is_asked_for_all_messages() -> None:
    """Where its pages lose some; closed conversations are not open by that."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        spoken, empty = await with_lost_pages(account, rest)
        async with AgentRest(
            URL,
            email=account.bot.email,
            password=account.bot.password,
            transport=OlderServer(account),
            options=ApiOptions(rate=1e6),
        ) as older:
            found = [item.id async for item in older.open_conversations()]
        assert len(found) == len(set(found))
        assert spoken <= set(found) <= spoken | empty

    with_rest(story)


def test_a_conversation_that_vanishes_meanwhile_is_left_out() -> None:
    """As one that was deleted between two looks."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        async with account.customer() as customer:
            await customer.shout("Hello")
            await customer.next_message()
            body = '{"data": [], "next": null, "total": 1}'
            account.server.faults.answer(status=200, body=body, path="/api/conversations", times=2)
            account.server.faults.answer(
                status=404, body="{}", path=f"/api/conversations/{customer.conversation_id}"
            )
            assert [item async for item in rest.open_conversations()] == []

    with_rest(story)


@pytest.mark.parametrize("odd", ["9" * 400, "[" * 2000 + "]" * 2000])
def test_odd_metadata_does_not_hide_a_page(odd: str) -> None:
    """A customer may have written what fast parsers give up at."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        page = f'{{"data": [{{"id": "a", "metadata": {{"x": {odd}}}}}, {{"id": "b"}}], "total": 2}}'
        account.server.faults.answer(status=200, body=page, path="/api/conversations")
        assert [item.id async for item in rest.open_conversations()] == ["a", "b"]

    with_rest(story)


def test_pages_that_overlap_or_repeat_yield_each_conversation_once() -> None:
    """A cursor that leads nowhere new ends the listing."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        body = '{"data": [{"id": "c"}], "next": "cursor", "total": 1}'
        rule = account.server.faults.answer(status=200, body=body, path="/api/conversations")
        assert [item.id async for item in rest.open_conversations()] == ["c"]
        assert rule.hits == 2

    with_rest(story)


def test_a_customer_can_be_read_and_changed() -> None:
    """What is not named stays as it was."""

    async def story(account: VirtualAccount, rest: AgentRest) -> None:
        store = account.server.store
        vera = store.add_customer({"account_id": account.account.id, "name": "Vera"})
        assert (await rest.customer(vera.id)).email is None
        changed = await rest.update_customer(vera.id, email="vera@example.com")
        assert (changed.name, changed.email) == ("Vera", "vera@example.com")
        assert (await rest.customer(vera.id)).email == "vera@example.com"
        with pytest.raises(NotFound):
            await rest.customer(GONE)

    with_rest(story)
