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
