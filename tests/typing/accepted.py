"""Responders of one's own that type checkers must accept: what the README promises an operator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from agentbot.pipeline.decision import (
    AddTag,
    Decision,
    Handoff,
    Note,
    Pass,
    Reason,
    Reply,
    Silence,
    Snooze,
)
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Turn


class AtOnce:
    """One that decides at once; its name is an attribute of the class."""

    name = "at-once"

    def respond(self, turn: Turn) -> Reply | Pass:
        """Answer the one question that it knows."""
        if "store" not in turn.text.casefold():
            return Pass(Reason(code="shop.other", text="not about the store"))
        reason = Reason(code="shop.store", text="asked for the store")
        return Reply(reason=reason, text="Harbour Street 1.", by="rule", source="store-finder")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that must wait; its name is a field, and it may return any decision."""

    seconds: float
    name: str = "waiting"

    async def respond(self, turn: Turn) -> Decision | Pass:
        """Hand over what is urgent, and leave the rest alone."""
        await asyncio.sleep(self.seconds)
        if turn.is_first and turn.customer.email is not None:
            reason = Reason(code="shop.urgent", text="a customer whom we know")
            actions = (AddTag("urgent"), Note("see the shop"), Snooze(timedelta(minutes=5)))
            return Handoff(reason=reason, text=None, actions=actions)
        return Silence(reason=Reason(code="shop.quiet", text="nothing to say"))


class Named:
    """One whose name is a property."""

    @property
    def name(self) -> str:
        """The name of today."""
        return "named"

    def respond(self, turn: Turn) -> Pass:  # noqa: ARG002 - a protocol's method
        """Pass, always."""
        return Pass(Reason(code="shop.pass", text="never mine"))


RESPONDERS: tuple[Responder, ...] = (AtOnce(), Waiting(seconds=0.1), Named())
"""Each of them is one."""
