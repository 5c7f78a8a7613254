"""When an account is outside its working hours."""

from __future__ import annotations

import pytest

from agentbot.devserver.store.records import WorkingHours
from tests.support.devserver import START, Desk, call


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
