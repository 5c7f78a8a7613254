"""What a model may look up: the tools as it is told of them, and what a call of one gives.

What a look-up gives is a passage like any other: the model answers from it, and the checks of its
answer hold it against it. Whatever the model writes is data here, and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.tools.parameter import Parameter, Value
from agentbot.pipeline.tools.result import Field, Kept
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.tools.toolbox import LookedUp, Toolbox

_NOTHING = "Nothing was found: there is no such thing."


@dataclass(frozen=True, slots=True)
class Called:
    """What a call gave: a passage to answer from, or ``said`` why there is none.

    ``looked`` is None where nobody was asked.
    """

    said: str
    passage: Passage | None = None
    looked: LookedUp | None = None


class ToolCalls:
    """The tools that a model may call."""

    def __init__(self, toolbox: Toolbox, tools: Iterable[Tool]) -> None:
        self._toolbox = toolbox
        self.tools = {tool.name: tool for tool in tools}

    async def call(self, name: str, arguments: Mapping[str, object], facts: Facts) -> Called:
        """Look something up for a model. Never raises: what it asks wrongly, it is told."""
        tool = self.tools.get(name)
        if tool is None:
            return Called(f"There is no look-up of this name; there is: {', '.join(self.tools)}.")
        callers = {name: one for name, one in tool.parameters.items() if one.is_callers}
        given = {name: arguments[name] for name in callers if name in arguments}
        try:
            values = tool.arguments(given, facts)
        except ValueError as error:
            return Called(f"{name} was not asked: {error}.")
        looked = await self._toolbox.look_up(name, values)
        told = {name: value for name, value in values.items() if name in callers}
        asked = _lines(callers.values(), told)
        if looked.outcome == "found":
            return Called("", passage_of(tool, asked, _lines(tool.fields, looked.values)), looked)
        if looked.outcome == "not_found":
            return Called("", passage_of(tool, asked, [_NOTHING]), looked)
        return Called(f"{name} cannot be asked at the moment.", None, looked)


def parameters_of(tool: Tool) -> dict[str, Any]:
    """Return the parameters that a model may say, as JSON Schema."""
    told = {name: one for name, one in tool.parameters.items() if one.is_callers}
    return {
        "type": "object",
        "properties": {name: dict(one.schema) for name, one in told.items()},
        "required": [name for name, one in told.items() if one.required and not one.source],
        "additionalProperties": False,
    }


def passage_of(tool: Tool, asked: Sequence[str], found: Sequence[str]) -> Passage:
    """Return what came as a passage: what was asked, and what was found, a line each."""
    return Passage(f"tool/{tool.name}", tool.about, "\n".join([*asked, *found]))


def _lines(named: Iterable[Parameter | Field], values: Mapping[str, Value | Kept]) -> list[str]:
    """Return a line for each value that holds something: what it is, and it."""
    held = {name: value for name, value in values.items() if value not in ("", [])}
    about = {one.name: one.about or one.name.replace("_", " ") for one in named}
    return [f"{about[name].rstrip('.:')}: {_said(value)}" for name, value in held.items()]


def _said(value: Value | Kept) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
