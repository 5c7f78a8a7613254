"""A responder that takes as many seconds as the customer's words say."""

from __future__ import annotations

import asyncio
import re

import structlog

from agentbot.pipeline.decision import Pass, Reason, Reply
from agentbot.pipeline.turn import Turn

THINKING = "slow.thinking"
_log = structlog.get_logger("tests.slow")
_SECONDS = re.compile(r"slow (\d+\.\d+)")


class SlowResponder:
    """The answer to ``slow 0.5 #7`` is these words, half a second later."""

    name = "slow"

    async def respond(self, turn: Turn) -> Reply | Pass:
        """Sleep for the longest time that is named, then repeat the question."""
        wanted = [float(seconds) for seconds in _SECONDS.findall(turn.text)]
        if not wanted:
            return Pass(Reason("not_slow", "no time is named"))
        _log.info(THINKING)
        await asyncio.sleep(max(wanted))
        reason = Reason("slow", f"after {max(wanted)} s")
        return Reply(reason=reason, text=f"Thought about: {turn.text}", by="llm", source="slow")
