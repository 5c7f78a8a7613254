"""Each call of REST: the request that it makes, and the error that names it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from agentbot.errors import ServerFailed
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from tests.support.virtual_time import run_virtual

Call = Callable[[AgentRest], Awaitable[object]]
CustomerCall = Callable[[CustomerRest], Awaitable[object]]

TOKENS = {"data": {"user_id": 1, "account_id": "a", "email": "e", "token": "t", "renew_token": "r"}}
NONE: dict[str, Any] = {}

CALLS: list[tuple[Call, str, str, dict[str, str], dict[str, Any]]] = [
    (lambda rest: rest.account(), "GET", "/api/accounts/me", {}, {}),
    (
        lambda rest: rest.widget_settings("a"),
        "GET",
        "/api/widget_settings",
        {"account_id": "a"},
        {},
    ),
    (lambda rest: rest.users(), "GET", "/api/users", {}, {}),
    (lambda rest: rest.conversation("c"), "GET", "/api/conversations/c", {}, {}),
    (
        lambda rest: rest.conversations(limit=7),
        "GET",
        "/api/conversations",
        {"status": "open", "limit": "7"},
        {},
    ),
    (
        lambda rest: rest.conversations(status="closed", limit=7, after="x", text=""),
        "GET",
        "/api/conversations",
        {"status": "closed", "limit": "7", "after": "x", "q": ""},
        {},
    ),
    (
        lambda rest: rest.conversations(),
        "GET",
        "/api/conversations",
        {"status": "open", "limit": "50"},
        {},
    ),
    (lambda rest: rest.messages(), "GET", "/api/messages", {}, {}),
    (
        lambda rest: rest.messages(conversation_id="c"),
        "GET",
        "/api/messages",
        {"conversation_id": "c"},
        {},
    ),
    (
        lambda rest: rest.update_conversation("c", status="closed"),
        "PUT",
        "/api/conversations/c",
        {},
        {"conversation": {"status": "closed"}},
    ),
    (
        lambda rest: rest.assign("c", 7, priority="priority"),
        "PUT",
        "/api/conversations/c",
        {},
        {"conversation": {"assignee_id": 7, "priority": "priority"}},
    ),
    (
        lambda rest: rest.mark_read("c", read=False),
        "PUT",
        "/api/conversations/c",
        {},
        {"conversation": {"read": False}},
    ),
    (
        lambda rest: rest.mark_read("c"),
        "PUT",
        "/api/conversations/c",
        {},
        {"conversation": {"read": True}},
    ),
    (lambda rest: rest.tags(), "GET", "/api/tags", {}, {}),
    (
        lambda rest: rest.create_tag("vip"),
        "POST",
        "/api/tags",
        {},
        {"tag": {"name": "vip"}},
    ),
    (
        lambda rest: rest.create_message("c", "Hi"),
        "POST",
        "/api/messages",
        {},
        {
            "message": {
                "conversation_id": "c",
                "body": "Hi",
                "type": "reply",
                "private": False,
                "metadata": None,
            }
        },
    ),
    (
        lambda rest: rest.create_message("c", "Hi", type="note", private=True, metadata={"a": 1}),
        "POST",
        "/api/messages",
        {},
        {
            "message": {
                "conversation_id": "c",
                "body": "Hi",
                "type": "note",
                "private": True,
                "metadata": {"a": 1},
            }
        },
    ),
]


@pytest.mark.parametrize(("call", "method", "path", "params", "body"), CALLS)
def test_an_agents_call_asks_for_this_and_names_it_where_the_answer_is_no_use(
    call: Call, method: str, path: str, params: dict[str, str], body: dict[str, Any]
) -> None:
    """Whoever reads the log finds what was asked."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/session":
            return httpx2.Response(200, json=TOKENS)
        asked.append(request)
        return httpx2.Response(200, json={"data": 7})

    async def main() -> None:
        rest = AgentRest(
            PapercupsUrl("http://server"),
            email="bot@example.com",
            password="papercups",
            transport=httpx2.MockTransport(answer),
            random=lambda: 0.5,
        )
        async with rest:
            with pytest.raises(ServerFailed) as caught:
                await call(rest)
        assert (caught.value.method, caught.value.path) == (method, path)

    run_virtual(main())
    _check(asked[0], method, path, params, body)


CUSTOMERS_CALLS: list[tuple[CustomerCall, str, str, dict[str, str], dict[str, Any]]] = [
    (
        lambda rest: rest.create_customer("a", name="Vera"),
        "POST",
        "/api/customers",
        {},
        {"customer": {"account_id": "a", "name": "Vera"}},
    ),
    (
        lambda rest: rest.create_conversation("a", "c"),
        "POST",
        "/api/conversations",
        {},
        {"conversation": {"account_id": "a", "customer_id": "c"}},
    ),
    (
        lambda rest: rest.conversations("a", "c"),
        "GET",
        "/api/conversations/customer",
        {"account_id": "a", "customer_id": "c"},
        {},
    ),
    (
        lambda rest: rest.widget_settings("a"),
        "GET",
        "/api/widget_settings",
        {"account_id": "a"},
        {},
    ),
]


@pytest.mark.parametrize(("call", "method", "path", "params", "body"), CUSTOMERS_CALLS)
def test_a_customers_call_asks_for_this_and_names_it_where_the_answer_is_no_use(
    call: CustomerCall, method: str, path: str, params: dict[str, str], body: dict[str, Any]
) -> None:
    """As an agent's does."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json={"data": 7})

    async def main() -> None:
        url, transport = PapercupsUrl("http://server"), httpx2.MockTransport(answer)
        async with CustomerRest(url, transport=transport, random=lambda: 0.5) as rest:
            with pytest.raises(ServerFailed) as caught:
                await call(rest)
        assert (caught.value.method, caught.value.path) == (method, path)

    run_virtual(main())
    _check(asked[0], method, path, params, body)


def _check(
    request: httpx2.Request, method: str, path: str, params: dict[str, str], body: dict[str, Any]
) -> None:
    assert (request.method, request.url.path) == (method, path)
    assert dict(request.url.params) == params
    assert (json.loads(request.content) if request.content else NONE) == body


def test_a_tag_is_given_back_and_only_the_one_of_that_name_is_taken_off() -> None:
    """Whether the account had it or not."""
    tags = [{"id": "1", "name": "new"}, {"id": "2", "name": "vip"}]
    asked: list[tuple[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/session":
            return httpx2.Response(200, json=TOKENS)
        asked.append((request.method, request.url.path))
        return httpx2.Response(200, json={"data": tags})

    async def main() -> None:
        rest = AgentRest(
            PapercupsUrl("http://server"),
            email="bot@example.com",
            password="papercups",
            transport=httpx2.MockTransport(answer),
            random=lambda: 0.5,
        )
        async with rest:
            tag = await rest.add_tag("c", "vip")
            assert (tag.id, tag.name) == ("2", "vip")
            await rest.remove_tag("c", "vip")
            await rest.remove_tag("c", "other")

    run_virtual(main())
    assert asked == [
        ("GET", "/api/tags"),
        ("POST", "/api/conversations/c/tags"),
        ("GET", "/api/tags"),
        ("DELETE", "/api/conversations/c/tags/2"),
        ("GET", "/api/tags"),
    ]


class Pages:
    """A server whose pages of conversations are these; it keeps what was asked.

    ``pages`` are by whether text is asked for: a total, and the ids on each page.
    ``status`` is by conversation; one without is gone.
    """

    def __init__(
        self,
        pages: dict[bool, tuple[int | None, list[list[str]]]],
        *,
        messages: list[str] | None = None,
        status: dict[str, str] | None = None,
    ) -> None:
        self._pages = pages
        self._messages = messages or []
        self._status = status or {}
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer."""
        path = request.url.path
        if path == "/api/session":
            return httpx2.Response(200, json=TOKENS)
        self.asked.append(path.removeprefix("/api/"))
        if path == "/api/conversations":
            return self._page(request)
        if path == "/api/messages":
            now = "2026-11-23T09:00:00Z"
            data = [
                {"id": f"m{number}", "conversation_id": id_, "created_at": now}
                for number, id_ in enumerate(self._messages)
            ]
            return httpx2.Response(200, json={"data": data})
        id_ = path.rpartition("/")[2]
        if id_ not in self._status:
            return httpx2.Response(404, json={"errors": {"detail": "Not Found"}})
        return httpx2.Response(200, json={"data": conversation(id_, self._status[id_])})

    def _page(self, request: httpx2.Request) -> httpx2.Response:
        total, pages = self._pages["q" in request.url.params]
        number = int(request.url.params.get("after", 0))
        following = str(number + 1) if number + 1 < len(pages) else None
        data = [conversation(id_) for id_ in pages[number]]
        return httpx2.Response(200, json={"data": data, "total": total, "next": following})

    def open_conversations(self) -> list[str]:
        """Return the ids of all open conversations that are found."""

        async def main() -> list[str]:
            rest = AgentRest(
                PapercupsUrl("http://server"),
                email="bot@example.com",
                password="papercups",
                transport=httpx2.MockTransport(self),
                random=lambda: 0.5,
            )
            async with rest:
                return [one.id async for one in rest.open_conversations()]

        return run_virtual(main())


def conversation(id_: str, status: str = "open") -> dict[str, Any]:
    """Return a conversation as the server shows it."""
    return {"id": id_, "status": status, "created_at": "2026-11-23T09:00:00Z"}


@pytest.mark.parametrize("total", [3, 2, None])
def test_nothing_more_is_asked_where_the_pages_hold_all_that_is_counted(total: int | None) -> None:
    """Each conversation once, though two pages hold it."""
    server = Pages({False: (total, [["c1", "c2"], ["c2", "c3"]])})
    assert server.open_conversations() == ["c1", "c2", "c3"]
    assert server.asked == ["conversations"] * 2
    nothing = Pages({False: (total and 0, [[]])})
    assert nothing.open_conversations() == []
    assert nothing.asked == ["conversations"]


def test_what_pages_have_lost_is_asked_for_by_its_text() -> None:
    """The messages of the whole account are not."""
    server = Pages({False: (3, [["c1"]]), True: (3, [["c1", "c2"], ["c2", "c3"]])})
    assert server.open_conversations() == ["c1", "c2", "c3"]
    assert server.asked == ["conversations"] * 3


def test_conversations_without_a_text_are_none() -> None:
    """The server counts them among all, and not among those with text."""
    server = Pages({False: (3, [["c1"]]), True: (2, [["c1", "c2"]])})
    assert server.open_conversations() == ["c1", "c2"]
    assert server.asked == ["conversations"] * 2
    uncounted = Pages({False: (1, [[]]), True: (None, [[]])})
    assert uncounted.open_conversations() == []
    assert uncounted.asked == ["conversations"] * 2
    unknown = Pages({False: (2, [["c1"]]), True: (None, [["c1"]])})
    assert unknown.open_conversations() == ["c1"]
    assert unknown.asked == ["conversations"] * 2


def test_an_older_server_is_asked_for_the_messages_until_all_are_found() -> None:
    """What is gone or closed does not count, and no more is looked up than is missing."""
    server = Pages(
        {False: (3, [["c1"]]), True: (3, [["c1"]])},
        messages=["c1", "c2", "c3", "c4", "c4", "c5", "c6"],
        status={"c3": "closed", "c4": "open", "c5": "open", "c6": "open"},
    )
    assert server.open_conversations() == ["c1", "c4", "c5"]
    looked_up = [f"conversations/c{number}" for number in (2, 3, 4, 5)]
    assert server.asked == ["conversations", "conversations", "messages", *looked_up]


def failing_once(asked: list[str]) -> AgentRest:
    """Return a session whose server fails the first request of each method, and notes them all."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/session":
            return httpx2.Response(200, json=TOKENS)
        asked.append(request.method)
        if asked.count(request.method) == 1:
            return httpx2.Response(503)
        tags = [{"id": "1", "name": "vip"}]
        data = tags if request.url.path == "/api/tags" else conversation("c")
        return httpx2.Response(200, json={"data": data})

    return AgentRest(
        PapercupsUrl("http://server"),
        email="bot@example.com",
        password="papercups",
        transport=httpx2.MockTransport(answer),
        random=lambda: 0.5,
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda rest: rest.conversation("c"),
        lambda rest: rest.update_conversation("c", status="closed"),
        lambda rest: rest.remove_tag("c", "vip"),
    ],
)
def test_what_may_be_done_twice_is_tried_again(call: Call) -> None:
    """Reading, setting and taking off: it comes to the same."""
    asked: list[str] = []

    async def main() -> None:
        async with failing_once(asked) as rest:
            await call(rest)

    run_virtual(main())
    assert asked.count(asked[0]) > 1


@pytest.mark.parametrize(
    "call",
    [
        lambda rest: rest.assign("c", 7),
        lambda rest: rest.begin_conversation("v", "Hello"),
        lambda rest: rest.create_message("c", "Hello"),
    ],
)
def test_what_must_be_looked_at_before_it_is_done_again_is_tried_once(call: Call) -> None:
    """Somebody may have taken the conversation; the message may be there."""
    asked: list[str] = []

    async def main() -> None:
        async with failing_once(asked) as rest:
            with pytest.raises(ServerFailed):
                await call(rest)

    run_virtual(main())
    assert len(asked) == 1
