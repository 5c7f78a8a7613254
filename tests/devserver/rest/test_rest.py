"""The REST calls that no transcript holds."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest

from agentbot.devserver.store.records import WorkingHours
from tests.support.devserver import START, Desk


async def call(
    http: httpx2.AsyncClient, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    """Return status and body."""
    response = await http.request(method, path, json=body)
    return response.status_code, response.json()


async def test_what_the_widget_asks_for_before_its_first_message() -> None:
    """Settings, metadata, existence, identity: without a token."""
    desk = Desk()
    account_id, customer_id = desk.account.id, desk.customer.id
    async with desk.http() as http:
        del http.headers["authorization"]
        status, body = await call(http, "GET", f"/api/widget_settings?account_id={account_id}")
        assert (status, body["data"]["account"]["company_name"]) == (200, "Acme")
        metadata = {"account_id": account_id, "metadata": {"host": "example.com"}}
        assert (await call(http, "PUT", "/api/widget_settings/metadata", metadata))[0] == 200
        assert await call(http, "GET", f"/api/customers/{customer_id}/exists") == (
            200,
            {"data": True},
        )
        assert await call(http, "GET", "/api/customers/x/exists") == (200, {"data": False})
        fields = {"external_id": "v-1", "email": "vera@example.com", "time_zone": "Europe/Oslo"}
        path = f"/api/customers/{customer_id}/metadata"
        status, body = await call(http, "PUT", path, {"metadata": fields})
        assert (status, body["data"]["time_zone"]) == (200, "Europe/Oslo")
        found = f"/api/customers/identify?account_id={account_id}&external_id="
        assert await call(http, "GET", found + "v-1") == (
            200,
            {"data": {"customer_id": customer_id}},
        )
        assert await call(http, "GET", found + "v-2") == (200, {"data": {"customer_id": None}})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/widget_settings", None, 422),
        ("GET", "/api/widget_settings?account_id=nobody", None, 404),
        ("PUT", "/api/widget_settings/metadata", {}, 422),
        ("GET", "/api/customers/identify", None, 422),
        ("PUT", "/api/customers/nope/metadata", {"metadata": {}}, 400),
        ("PUT", f"/api/customers/{uuid.UUID(int=1)}/metadata", {"metadata": {}}, 404),
        ("POST", "/api/customers", {"customer": {"account_id": "nobody"}}, 422),
        ("POST", "/api/conversations", {"conversation": {}}, 422),
        ("POST", "/api/conversations", {}, 400),
        ("GET", "/api/conversations/customer", None, 400),
        ("GET", "/api/conversations?after=nonsense", None, 400),
        ("GET", "/api/conversations?limit=many", None, 400),
        ("GET", f"/api/messages/{uuid.UUID(int=1)}", None, 404),
        ("POST", "/api/tags", {"tag": {}}, 422),
        ("POST", f"/api/conversations/{uuid.UUID(int=1)}/tags", {"tag_id": "x"}, 404),
        ("PUT", "/api/accounts/other", {"account": {}}, 404),
        ("GET", "/api/nothing", None, 404),
    ],
)
async def test_a_wrong_call_gets_an_error_in_json(
    method: str, path: str, body: object, status: int
) -> None:
    """Status, and a body that names the error."""
    async with Desk().http() as http:
        answer = await call(http, method, path, body)
    assert answer[0] == status
    assert answer[1].keys() <= {"error", "errors"}


async def test_every_agents_call_needs_a_token() -> None:
    """401 for listings, updates and unknown paths alike."""
    desk = Desk()
    async with desk.http() as http:
        del http.headers["authorization"]
        for path in ("/api/me", "/api/conversations", "/api/messages", "/api/nothing"):
            assert (await call(http, "GET", path))[0] == 401


async def test_an_update_that_the_columns_refuse_changes_nothing() -> None:
    """422, with the fields at fault."""
    desk = Desk()
    path = f"/api/conversations/{desk.conversation.id}"
    async with desk.http() as http:
        bad = {"conversation": {"status": "asleep", "assignee_id": 999, "read": True}}
        status, body = await call(http, "PUT", path, bad)
    assert status == 422
    assert body["error"]["errors"].keys() == {"status", "assignee_id"}
    assert desk.conversation.read is False


async def test_listings_are_filtered_by_their_columns() -> None:
    """By tag, assignee and read flag; messages by privacy."""
    desk = Desk()
    other = desk.new_conversation()
    async with desk.http() as http:
        _, tag = await call(http, "POST", "/api/tags", {"tag": {"name": "vip"}})
        tags = f"/api/conversations/{other.id}/tags"
        await call(http, "POST", tags, {"tag_id": tag["data"]["id"]})
        update = {"conversation": {"assignee_id": desk.bot.id, "read": True}}
        await call(http, "PUT", f"/api/conversations/{other.id}", update)
        for query in (f"tag_id={tag['data']['id']}", "assignee_id=me", "read=true"):
            _, page = await call(http, "GET", f"/api/conversations?{query}")
            assert [one["id"] for one in page["data"]] == [other.id], query
        note = {"body": "psst", "conversation_id": other.id, "private": True, "type": "note"}
        await call(http, "POST", "/api/messages", {"message": note})
        assert (await call(http, "GET", "/api/messages?private=false"))[1]["data"] == []
        _, listed = await call(http, "GET", "/api/messages?private=true")
        assert [one["body"] for one in listed["data"]] == ["psst"]


async def test_conversations_are_searched_by_their_messages() -> None:
    """The empty text finds all that hold any: not a conversation of files alone, or of nothing."""
    desk = Desk()
    written, filed = desk.new_conversation(), desk.new_conversation()
    async with desk.http() as http:
        for conversation, body in ((written, "Hello there"), (filed, "")):
            message = {"message": {"body": body, "conversation_id": conversation.id}}
            status, stored = await call(http, "POST", "/api/messages", message)
            assert (status, stored["data"]["body"]) == (201, body or None)
        for query in ("q=there", "q="):
            _, page = await call(http, "GET", f"/api/conversations?{query}")
            assert ([one["id"] for one in page["data"]], page["total"]) == ([written.id], 1), query


async def test_an_uploaded_file_comes_back_as_a_download() -> None:
    """Never as a page of this server, whatever its type."""
    desk = Desk()
    async with desk.http() as http:
        files = {"file": ("my page.html", b"<script>", "text/html")}
        sent = await http.post("/api/upload", files=files, data={"account_id": desk.account.id})
        assert sent.status_code == 201
        shown = sent.json()["data"]
        assert shown["filename"] == "my-page.html"
        got = await http.get(shown["file_url"])
        assert got.content == b"<script>"
        assert got.headers["content-disposition"] == "attachment"
        assert (await http.post("/api/upload", data={"account_id": "x"})).status_code == 400
        assert (await http.get("/uploads/nothing/x")).status_code == 404


async def test_what_an_agent_sets_on_the_widget_is_what_visitors_get() -> None:
    """Unknown settings are not shown."""
    desk = Desk()
    async with desk.http() as http:
        settings = {"widget_settings": {"greeting": "Hi!", "nonsense": 1}}
        assert (await call(http, "PUT", "/api/widget_settings", settings))[0] == 200
        path = f"/api/widget_settings?account_id={desk.account.id}"
        _, shown = await call(http, "GET", path)
    assert shown["data"]["greeting"] == "Hi!"
    assert "nonsense" not in shown["data"]


async def test_a_tags_name_is_there_once_and_a_tag_comes_off_once() -> None:
    """422 for the second of a name, 404 for what is not on the conversation."""
    desk = Desk()
    path = f"/api/conversations/{desk.conversation.id}/tags"
    async with desk.http() as http:
        _, made = await call(http, "POST", "/api/tags", {"tag": {"name": "vip"}})
        tag_id = made["data"]["id"]
        assert (await call(http, "POST", "/api/tags", {"tag": {"name": "vip"}}))[0] == 422
        for _ in range(2):
            assert (await call(http, "POST", path, {"tag_id": tag_id}))[0] == 200
        assert desk.conversation.tag_ids == [tag_id]
        assert (await call(http, "POST", path, {"tag_id": "unknown"}))[0] == 404
        assert (await call(http, "DELETE", f"{path}/{tag_id}"))[0] == 200
        assert (await call(http, "DELETE", f"{path}/{tag_id}"))[0] == 404


async def test_working_hours_of_a_wrong_shape_are_refused() -> None:
    """422, and the account stays as it was."""
    desk = Desk()
    async with desk.http() as http:
        for wrong in (7, [{"day": "monday"}], ["monday"]):
            body = {"account": {"working_hours": wrong}}
            assert (await call(http, "PUT", f"/api/accounts/{desk.account.id}", body))[0] == 422
    assert desk.account.working_hours == ()


async def test_a_message_can_be_read_by_its_id() -> None:
    """As it was shouted."""
    desk = Desk()
    desk.shout(desk.visitor(), "hello")
    (message,) = desk.conversation.messages
    async with desk.http() as http:
        status, body = await call(http, "GET", f"/api/messages/{message.id}")
    assert (status, body["data"]["body"]) == (200, "hello")


async def test_any_origin_may_call() -> None:
    """CORS is open, for preflights and for errors too."""
    async with Desk().http() as http:
        headers = {"origin": "http://shop.example", "access-control-request-method": "POST"}
        assert (await http.options("/api/customers", headers=headers)).status_code == 200
        refused = await http.get("/api/conversations/nope", headers=headers)
        assert refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("hours", "zone", "outside"),
    [
        ((), None, False),
        ((), "Europe/Oslo", True),
        ((), "Nowhere/Atall", False),
        ((WorkingHours("weekdays", 9 * 60, 17 * 60),), "Europe/Oslo", False),
        ((WorkingHours("weekdays", 9 * 60, 17 * 60),), "America/New_York", True),
        ((WorkingHours("monday", 0, 0), WorkingHours("everyday", 0, 1440)), "Europe/Oslo", True),
        ((WorkingHours("weekends", 0, 1440),), "Europe/Oslo", True),
    ],
)
async def test_working_hours_follow_the_first_span_of_the_day(
    hours: tuple[WorkingHours, ...], zone: str | None, *, outside: bool
) -> None:
    """It is Monday, 09:00 UTC; no zone, or an unknown one, is never outside."""
    assert START.strftime("%A %H:%M") == "Monday 09:00"
    desk = Desk()
    desk.account.working_hours, desk.account.time_zone = hours, zone
    async with desk.http() as http:
        _, body = await call(http, "GET", "/api/accounts/me")
    assert body["data"]["is_outside_working_hours"] is outside
