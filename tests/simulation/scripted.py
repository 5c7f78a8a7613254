"""A responder that does what the customer's words say: answer, think, stall, fail, hand over.

It stands in the real pipeline, behind the real guards and the operator's rules
(``operator/rules.yaml``), which add acts to what it decides: an assignment, a message to people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from agentbot.pipeline.decision import (
    AddTag,
    Close,
    Decision,
    Handoff,
    Note,
    Pass,
    Reason,
    Reply,
    SetPriority,
    Silence,
    Snooze,
)
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Turn
from tests.simulation.kernel import Process

_PROMPTS = Path(__file__).parents[2] / "prompts"
_OPERATOR = Path(__file__).parent / "operator"
_REASON = Reason("sim", "as the customer's words have it")

SILENT = "sim_silent"
"""The reason's code where the words ask for silence."""


class Scripted:
    """Reads its orders in the turn's last message, as in ``think 3.5 and tag``."""

    name = "scripted"

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Do as told."""
        words = turn.messages[-1].text.split()
        if "stall" in words:
            return self._think(600.0, words, turn)
        if "think" in words:
            return self._think(float(words[words.index("think") + 1]), words, turn)
        return self._told(turn, self._decide(words, turn))

    async def _think(self, seconds: float, words: list[str], turn: Turn) -> Decision | Pass:
        await asyncio.sleep(seconds)
        return self._told(turn, self._decide(words, turn))

    def _told(self, turn: Turn, decision: Decision | Pass) -> Decision | Pass:
        """Let the world know at which moment it is decided."""
        process = asyncio.get_running_loop()
        if isinstance(process, Process) and not isinstance(decision, Pass):
            process.on_decision(turn.conversation.id, decision)
        return decision

    def _decide(self, words: list[str], turn: Turn) -> Decision | Pass:
        text = f"re: {turn.messages[-1].text}"
        if "fail" in words:
            raise RuntimeError("told to")
        if "silent" in words:
            return Silence(reason=Reason(SILENT, "told to"))
        if "pass" in words:
            return Pass(_REASON)
        if "person" in words:
            return Handoff(reason=_REASON, text=text, actions=(AddTag("person"), Note("see above")))
        if "close" in words:
            return Reply(reason=_REASON, text=text, by="rule", source="sim", actions=(Close(),))
        if "tag" in words:
            tags = (AddTag("sim"), SetPriority(True), Snooze(timedelta(seconds=5)))  # noqa: FBT003
            return Reply(reason=_REASON, text=text, by="rule", source="sim", actions=tags)
        return Reply(reason=_REASON, text=text, by="rule", source="sim")


@cache
def pipeline() -> Pipeline:
    """Return the pipeline; it holds no state, so that all worlds share one."""
    prompts = load_prompts(_PROMPTS)
    changes = {"responders": ("rules", "scripted"), "small_talk": False}
    policy = prompts.policy.model_copy(update=changes)
    rules = load_prompts(_OPERATOR).rules
    return build_pipeline(
        replace(prompts, policy=policy, rules=rules), responders={"scripted": Scripted()}
    )
