"""Who may connect to the server, and what it is seeded with."""

from __future__ import annotations

import pytest

from agentbot.devserver.server import Refused
from tests.support.devserver import Desk, SocketClient


@pytest.mark.parametrize(
    "params",
    [
        {"token": "", "vsn": "2.0.0"},
        {"token": "bogus", "vsn": "2.0.0"},
        {"vsn": "1.0.0"},
        {},
    ],
)
def test_a_bad_token_and_another_protocol_version_are_refused(params: dict[str, str]) -> None:
    """403 at the upgrade; a frame of version 1 would be no array."""
    with pytest.raises(Refused) as caught:
        SocketClient(Desk().server, params)
    assert caught.value.status == 403


def test_the_demo_seed_can_log_in() -> None:
    """Acme, its bot and Ann are there, with one password."""
    desk = Desk()
    assert desk.account.company_name == "Acme"
    assert [one.email for one in desk.server.store.users_of(desk.account.id)] == [
        "bot@example.com",
        "ann@example.com",
    ]
