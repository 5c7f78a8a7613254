"""An agent's own calls: what they set on account and widget is what visitors get."""

from __future__ import annotations

from tests.support.devserver import Desk, call


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


async def test_working_hours_of_a_wrong_shape_are_refused() -> None:
    """422, and the account stays as it was."""
    desk = Desk()
    async with desk.http() as http:
        for wrong in (7, [{"day": "monday"}], ["monday"]):
            body = {"account": {"working_hours": wrong}}
            assert (await call(http, "PUT", f"/api/accounts/{desk.account.id}", body))[0] == 422
    assert desk.account.working_hours == ()


async def test_a_disabled_user_is_refused_as_soon_as_the_token_is_a_new_one() -> None:
    """The old token goes on; renewing gives another, which is void by its first use; no login."""
    desk = Desk()
    tokens = desk.server.backend.tokens
    pair = tokens.issue(desk.bot.id)
    async with desk.http() as http:
        desk.clock.advance(1)
        desk.bot.disabled_at = desk.clock.now()
        assert (await call(http, "GET", "/api/me"))[0] == 200
        http.headers["authorization"] = pair.renew_token
        status, renewed = await call(http, "POST", "/api/session/renew")
        assert status == 200
        http.headers["authorization"] = renewed["data"]["token"]
        status, said = await call(http, "GET", "/api/me")
        assert (status, said["error"]["status"]) == (401, 401)
        assert "Your account is disabled" in said["error"]["message"]
        assert (await call(http, "GET", "/api/me"))[1]["error"]["message"] == "Not authenticated"
        login = {"user": {"email": desk.bot.email, "password": desk.bot.password}}
        assert (await call(http, "POST", "/api/session", login)) == (401, said)
        desk.bot.disabled_at = None
        assert (await call(http, "POST", "/api/session", login))[0] == 200


async def test_an_archived_user_is_shown_so_and_their_api_key_is_refused() -> None:
    """A key stands for its user as they are now."""
    desk = Desk()
    async with desk.http() as http:
        _, made = await call(http, "POST", "/api/personal_api_keys", {"label": "x"})
        desk.bot.archived_at = desk.clock.now()
        http.headers["authorization"] = f"Bearer {made['data']['value']}"
        assert (await call(http, "GET", "/api/v1/me"))[0] == 401
        http.headers["authorization"] = desk.token(desk.ann)
        _, listed = await call(http, "GET", "/api/users")
        desk.bot.disabled_at = desk.clock.now()
        _, enabled = await call(http, "GET", "/api/users")
        _, account = await call(http, "GET", "/api/accounts/me")
    assert [one["archived_at"] for one in listed["data"]] == ["2026-11-23T09:00:00Z", None]
    assert [one["id"] for one in enabled["data"]] == [desk.ann.id]
    assert [one["disabled_at"] for one in account["data"]["users"]] == [
        "2026-11-23T09:00:00Z",
        None,
    ]
