"""What every REST call has in common: errors in JSON, tokens asked for, all origins let in."""

from __future__ import annotations

import uuid

import pytest

from tests.support.devserver import Desk, call


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


async def test_any_origin_may_call() -> None:
    """CORS is open, for preflights and for errors too."""
    async with Desk().http() as http:
        headers = {"origin": "http://shop.example", "access-control-request-method": "POST"}
        assert (await http.options("/api/customers", headers=headers)).status_code == 200
        refused = await http.get("/api/conversations/nope", headers=headers)
        assert refused.headers["access-control-allow-origin"] == "*"
