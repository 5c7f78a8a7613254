"""What an agent asks of Papercups over REST (PROTOCOL, 4)."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx2
from pydantic import TypeAdapter

from agentbot.errors import NotFound, Unprocessable
from agentbot.papercups.api import Api, ApiOptions
from agentbot.papercups.auth import Login
from agentbot.papercups.models import (
    Account,
    Conversation,
    ConversationPage,
    Customer,
    Inbox,
    Me,
    Message,
    RawPage,
    Tag,
    User,
    WidgetSettings,
)
from agentbot.papercups.url import PapercupsUrl

_ME = TypeAdapter(Me)
_ACCOUNT = TypeAdapter(Account)
_USERS = TypeAdapter(list[User])
_INBOXES = TypeAdapter(list[Inbox])
_WIDGET_SETTINGS = TypeAdapter(WidgetSettings)
_TAG = TypeAdapter(Tag)
_TAGS = TypeAdapter(list[Tag])
_CONVERSATION = TypeAdapter(Conversation)
_PAGE = TypeAdapter(ConversationPage)
_RAW_PAGE = TypeAdapter(RawPage)
_CUSTOMER = TypeAdapter(Customer)
_MESSAGE = TypeAdapter(Message)
_MESSAGES = TypeAdapter(list[Message])

_CONVERSATIONS = "/api/conversations"

_PAGE_SIZE = 50
"""Conversations a page. The server gives no more, whatever is asked for."""

_BREATH = 0.002
"""Seconds between two conversations of a page. To read and look at all of a page takes as long as
to answer some customers, whose turns take many steps: without a pause each step waited for another
conversation, and their p90 just after a start with a thousand open ones was 150 ms."""

_MAX_LOOKUPS = 500
"""Conversations looked up one by one for what the pages left out. Those without any message are
counted by the server and found by nobody, so the search must end: this many take some seconds."""


class AgentRest(Api):
    """An agent's REST.

    All methods raise :class:`LoginRefused`, :class:`TransportError` or another :class:`ApiError`.
    ``clock`` returns monotonic seconds, by which the access token ages.
    """

    def __init__(
        self,
        url: PapercupsUrl,
        *,
        email: str,
        password: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        options: ApiOptions | None = None,
        clock: Callable[[], float] | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        super().__init__(url, transport=transport, options=options, random=random)
        self.login = Login(http=self._http, email=email, password=password, clock=clock)

    async def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        return await self.login.send(request)

    async def me(self) -> Me:
        """Return whose token it is."""
        return await self._get(_ME, "/api/me")

    async def account(self) -> Account:
        """Return the account, with its hours and users."""
        return await self._get(_ACCOUNT, "/api/accounts/me")

    async def users(self) -> list[User]:
        """Return the account's agents."""
        return await self._get(_USERS, "/api/users")

    async def inboxes(self) -> list[Inbox]:
        """Return the account's inboxes."""
        return await self._get(_INBOXES, "/api/inboxes")

    async def widget_settings(self, account_id: str) -> WidgetSettings:
        """Return what the account's chat window shows."""
        params = {"account_id": account_id}
        return await self._get(_WIDGET_SETTINGS, "/api/widget_settings", params)

    async def conversation(self, conversation_id: str, *, paced: bool = False) -> Conversation:
        """Return a conversation with its messages and tags.

        ``paced``: nobody waits for it, so that it lets pass what somebody waits for.
        Raises :class:`NotFound` where there is none, or the id is no UUID.
        """
        path = f"/api/conversations/{conversation_id}"
        return await self._get(_CONVERSATION, path, paced=paced)

    async def conversations(
        self,
        *,
        status: str = "open",
        limit: int = _PAGE_SIZE,
        after: str | None = None,
        text: str | None = None,
    ) -> ConversationPage:
        """Return one page, newest activity first. Pages lose conversations: see PROTOCOL, 4.

        They are paced. ``text`` leaves out conversations without a message that holds it.
        """
        body = await self._page(status=status, limit=limit, after=after, text=text)
        return self._check(_PAGE, body, "GET", _CONVERSATIONS)

    async def _page(
        self, *, status: str, limit: int, after: str | None, text: str | None
    ) -> dict[str, Any]:
        params: dict[str, Any] = {"status": status, "limit": limit}
        if after is not None:
            params["after"] = after
        if text is not None:
            params["q"] = text
        return await self._body("GET", _CONVERSATIONS, params=params, paced=True)

    async def open_conversations(self) -> AsyncIterator[Conversation]:
        """Yield every open conversation that has messages, each once.

        Where the pages hold fewer than the server counts, the rest is looked for in other ways.
        """
        seen: set[str] = set()
        counted = 0
        async for page in self._pages():
            counted = page.total or 0
            async for conversation in self._read(page):
                if conversation.id not in seen:
                    seen.add(conversation.id)
                    yield conversation
        if counted > len(seen):
            async for conversation in self._left_out(seen, counted):
                yield conversation

    async def _read(self, page: RawPage) -> AsyncIterator[Conversation]:
        """Yield a page's conversations, with time for others between them."""
        for conversation in page.data:
            await asyncio.sleep(_BREATH)
            yield self._check(_CONVERSATION, conversation, "GET", _CONVERSATIONS)

    async def _pages(self, text: str | None = None) -> AsyncIterator[RawPage]:
        after: str | None = None
        while True:
            body = await self._page(status="open", limit=_PAGE_SIZE, after=after, text=text)
            page = self._check(_RAW_PAGE, body, "GET", _CONVERSATIONS)
            yield page
            if page.next is None or page.next == after:
                return
            after = page.next

    async def _left_out(self, seen: set[str], counted: int) -> AsyncIterator[Conversation]:
        """Yield open conversations that are not in ``seen``; the server counts ``counted``.

        Conversations without a message make the pages lose others. A search for the empty text
        finds those with a message alone (papercups: lib/chat_api/conversations.ex,
        ``filter_by_text``), so its pages lose none.
        """
        with_text: set[str] = set()
        counted_with_text = 0
        async for page in self._pages(text=""):
            counted_with_text = page.total or 0
            async for conversation in self._read(page):
                with_text.add(conversation.id)
                if conversation.id not in seen:
                    seen.add(conversation.id)
                    yield conversation
        if len(with_text) < counted_with_text == counted:
            # An older server, which takes no notice of the text.
            async for conversation in self._by_messages(seen, counted - len(seen)):
                yield conversation

    async def _by_messages(self, seen: set[str], missing: int) -> AsyncIterator[Conversation]:
        """Yield open conversations that are not in ``seen``, until ``missing`` are found.

        The account's messages are many, and come all at once.
        """
        messages = await self.messages()
        candidates = list(dict.fromkeys(message.conversation_id for message in messages))
        unseen = [id_ for id_ in candidates if id_ not in seen]
        for conversation_id in unseen[:_MAX_LOOKUPS]:
            try:
                conversation = await self.conversation(conversation_id, paced=True)
            except NotFound:
                continue
            if conversation.status == "open":
                yield conversation
                missing -= 1
                if missing == 0:
                    return

    async def messages(self, conversation_id: str | None = None) -> list[Message]:
        """Return all messages, of one conversation or of the account, newest first."""
        params = {} if conversation_id is None else {"conversation_id": conversation_id}
        return await self._get(_MESSAGES, "/api/messages", params)

    async def begin_conversation(self, customer_id: str, body: str) -> Conversation:
        """Begin a conversation with a customer, with its first message. Never retried."""
        conversation = {"customer_id": customer_id, "message": {"body": body}}
        return await self._ask(
            _CONVERSATION, "POST", "/api/conversations", json={"conversation": conversation}
        )

    async def update_conversation(self, conversation_id: str, **fields: object) -> Conversation:
        """Set ``status``, ``assignee_id``, ``priority``, ``read``, ``inbox_id``, ``metadata``."""
        path = f"/api/conversations/{conversation_id}"
        return await self._ask(_CONVERSATION, "PUT", path, json={"conversation": fields})

    async def assign(
        self, conversation_id: str, user_id: int | None, **fields: object
    ) -> Conversation:
        """Set the assignee, and ``fields``. Never retried: whose it is by then is to be seen first.

        None: nobody's.
        """
        path = f"/api/conversations/{conversation_id}"
        wanted = {"assignee_id": user_id, **fields}
        return await self._ask(_CONVERSATION, "PUT", path, once=True, json={"conversation": wanted})

    async def mark_read(self, conversation_id: str, *, read: bool = True) -> Conversation:
        """Mark a conversation read or unread for the agents."""
        return await self.update_conversation(conversation_id, read=read)

    async def tags(self) -> list[Tag]:
        """Return the account's tags."""
        return await self._get(_TAGS, "/api/tags")

    async def create_tag(self, name: str) -> Tag:
        """Make a new tag."""
        return await self._ask(_TAG, "POST", "/api/tags", json={"tag": {"name": name}})

    async def add_tag(self, conversation_id: str, name: str) -> Tag:
        """Tag a conversation; the tag is made where the account has none of that name."""
        tag = await self._tag_named(name) or await self._make_tag(name)
        path = f"/api/conversations/{conversation_id}/tags"
        await self._data("POST", path, json={"tag_id": tag.id})
        return tag

    async def _tag_named(self, name: str) -> Tag | None:
        return next((tag for tag in await self.tags() if tag.name == name), None)

    async def _make_tag(self, name: str) -> Tag:
        try:
            return await self.create_tag(name)
        except Unprocessable:
            # Of two conversations that need it first, one makes it, and its name can be there once.
            if (tag := await self._tag_named(name)) is None:
                raise
            return tag

    async def remove_tag(self, conversation_id: str, name: str) -> None:
        """Take a tag off a conversation, if the account has it."""
        for tag in await self.tags():
            if tag.name == name:
                await self._data("DELETE", f"/api/conversations/{conversation_id}/tags/{tag.id}")

    async def customer(self, customer_id: str) -> Customer:
        """Return a customer as the account knows them. Raises :class:`NotFound`."""
        return await self._get(_CUSTOMER, f"/api/customers/{customer_id}")

    async def update_customer(self, customer_id: str, **fields: object) -> Customer:
        """Set ``email``, ``name``, ``phone``, ``metadata`` and the like; nobody is told of it.

        Any agent may. The server takes every text for an e-mail address; it refuses to change a
        customer whose ``last_seen_at`` is empty (papercups: lib/chat_api/customers/customer.ex).
        """
        path = f"/api/customers/{customer_id}"
        return await self._ask(_CUSTOMER, "PUT", path, json={"customer": fields})

    async def create_message(
        self,
        conversation_id: str,
        body: str,
        *,
        type: str = "reply",  # noqa: A002 - the field's own name
        private: bool = False,
        metadata: Mapping[str, Any] | None = None,
    ) -> Message:
        """Write as the user. Never retried: a lost answer does not mean a lost message.

        The first message with a user assigns the conversation to them, and unless ``type`` is
        ``bot`` marks it read (PROTOCOL, 3).
        """
        message = {
            "conversation_id": conversation_id,
            "body": body,
            "type": type,
            "private": private,
            "metadata": metadata,
        }
        return await self._ask(_MESSAGE, "POST", "/api/messages", json={"message": message})
