"""Conversations and messages over REST: filters, search, tags, and updates that are refused."""

from __future__ import annotations

from tests.support.devserver import Desk, call


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


async def test_a_message_can_be_read_by_its_id() -> None:
    """As it was shouted."""
    desk = Desk()
    desk.shout(desk.visitor(), "hello")
    (message,) = desk.conversation.messages
    async with desk.http() as http:
        status, body = await call(http, "GET", f"/api/messages/{message.id}")
    assert (status, body["data"]["body"]) == (200, "hello")


async def test_what_is_archived_or_deleted_is_gone_from_the_listing_and_nobody_hears_of_it() -> (
    None
):
    """An archived conversation can still be read by its id; nothing of a deleted one can."""
    desk = Desk()
    other = desk.new_conversation()
    agent, visitor = desk.agent(), desk.visitor()
    desk.shout(visitor, "hello")
    agent.frames.clear()
    (message,) = desk.conversation.messages
    async with desk.http() as http:
        path = f"/api/conversations/{other.id}"
        status, archived = await call(http, "POST", f"{path}/archive")
        assert (status, archived["data"]["id"]) == (200, other.id)
        assert (await call(http, "GET", path))[0] == 200
        gone = f"/api/conversations/{desk.conversation.id}"
        assert (await http.delete(gone)).status_code == 204
        assert (await call(http, "GET", gone))[0] == 404
        assert (await http.delete(gone)).status_code == 404
        assert (await call(http, "GET", f"/api/messages/{message.id}"))[0] == 404
        assert (await call(http, "GET", "/api/conversations"))[1]["data"] == []
    assert agent.frames == []


async def test_a_message_can_be_changed_and_deleted_and_nobody_hears_of_it() -> None:
    """A value that the columns do not take changes nothing."""
    desk = Desk()
    agent = desk.agent()
    desk.shout(desk.visitor(), "hello")
    agent.frames.clear()
    (message,) = desk.conversation.messages
    path = f"/api/messages/{message.id}"
    async with desk.http() as http:
        assert (await call(http, "PUT", path, {"message": {"metadata": 7}}))[0] == 422
        changes = {"message": {"body": "goodbye", "metadata": {"a": 1}, "id": "x"}}
        _, changed = await call(http, "PUT", path, changes)
        assert (changed["data"]["body"], changed["data"]["metadata"]) == ("goodbye", {"a": 1})
        assert (changed["data"]["id"], changed["data"]["type"]) == (message.id, "reply")
        assert (await call(http, "PUT", path, {"message": {"body": None}}))[1]["data"][
            "body"
        ] is None
        assert (await http.delete(path)).status_code == 204
        assert (await call(http, "GET", path))[0] == 404
    assert desk.conversation.messages == []
    assert agent.frames == []


async def test_a_message_that_points_at_nothing_is_an_error_of_the_database() -> None:
    """The changeset names no foreign key: 500, and nothing is stored."""
    desk = Desk()
    gone = desk.new_conversation()
    desk.server.store.delete_conversation(gone)
    message = {"message": {"body": "hello", "conversation_id": gone.id}}
    async with desk.http() as http:
        assert (await call(http, "POST", "/api/messages", message))[0] == 500
    assert desk.server.store.messages == {}
