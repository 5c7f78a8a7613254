"""Who tells a customer that nobody is there: the chat window, the bot, or nobody.

The window shows the account's away message only outside hours while **no** user is in the room's
presence, and a bot that is tracked there counts as one (PROTOCOL.md §5). So the bot must say it
exactly where the window does not: never both, never neither. Everything here is a pure function.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Literal

Presence = Literal["always", "on_duty"]


class AwaySpeaker(Enum):
    """Who says that nobody is there."""

    NOBODY = auto()
    WIDGET = auto()
    BOT = auto()


def widget_says_away(*, outside_hours: bool, anyone_tracked: bool, has_away_message: bool) -> bool:
    """Say whether the chat window shows its away message by itself.

    ``anyone_tracked``: some user, person or bot, is in the room's presence.
    """
    return outside_hours and not anyone_tracked and has_away_message


def who_says_away(
    *, outside_hours: bool, agents_online: int, bot_tracked: bool, has_away_message: bool
) -> AwaySpeaker:
    """Return who says now that nobody is there.

    Inside hours, or with a person online, nobody does.
    """
    if not outside_hours or agents_online > 0:
        return AwaySpeaker.NOBODY
    if widget_says_away(
        outside_hours=outside_hours, anyone_tracked=bot_tracked, has_away_message=has_away_message
    ):
        return AwaySpeaker.WIDGET
    return AwaySpeaker.BOT


def should_be_tracked(presence: Presence, *, outside_hours: bool) -> bool:
    """Say whether the bot should be seen online now.

    ``always``: around the clock; the bot then says itself that people are away. ``on_duty``: in
    opening hours only; outside them the shop looks closed, the window says so where the account
    has an away message, and the bot still answers what it can.
    """
    return presence == "always" or not outside_hours
