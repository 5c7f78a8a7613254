"""What the bot's parts share: what never changes is frozen, and what is replaced stands apart."""

from __future__ import annotations

import dataclasses

import pytest

from agentbot.bot.services import Services
from tests.support.bot_parts import Parts, perform


def test_what_never_changes_cannot_be_replaced() -> None:
    """Whoever keeps a service keeps the one that all others have."""

    async def story(parts: Parts) -> None:
        for field in dataclasses.fields(Services):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(parts.services, field.name, None)

    perform(story, listening=False)


def test_a_bot_begins_with_nothing_heard_and_nobody_known() -> None:
    """Before the account was read, it has no hours, and no user is known for a bot."""

    async def story(parts: Parts) -> None:
        current = parts.services.current
        assert current.connections == 0
        assert current.identity.bot_user_ids == frozenset()
        assert current.account.working_hours == ()
        assert not parts.services.draining.is_set()

    perform(story, listening=False)
