"""What a model may look up: the tools as it is told of them, and what a call of one gives.

What a look-up gives is a passage like any other: the model answers from it, and the checks of its
answer hold it against it. Whatever the model writes is data here, and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.tools.result import Kept
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.tools.toolbox import LookedUp, Toolbox

_NOTHING = "Nothing was found: there is no such thing."
_MOST_ARGUMENTS = 50
"""Arguments of a call that are looked at: more than a tool has parameters."""


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

    @property
    def definitions(self) -> list[dict[str, Any]]:
        """The tools as OpenAI's protocol has them; what is known of the customer is left out.

        https://platform.openai.com/docs/guides/function-calling
        """
        return [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.about,
                    "parameters": parameters_of(tool),
                },
            }
            for tool in self.tools.values()
        ]

    async def call(self, name: str, arguments: Mapping[str, object], facts: Facts) -> Called:
        """Look something up for a model. Never raises: what it asks wrongly, it is told."""
        tool = self.tools.get(name)
        if tool is None:
            return Called(f"There is no look-up of this name; there is: {', '.join(self.tools)}.")
        callers = {name for name, one in tool.parameters.items() if one.is_callers}
        given = {
            name: arguments[name] for name in list(arguments)[:_MOST_ARGUMENTS] if name in callers
        }
        try:
            values = tool.arguments(given, facts)
        except ValueError as error:
            return Called(f"{name} was not asked: {error}.")
        looked = await self._toolbox.look_up(name, values)
        if looked.outcome == "found":
            return Called("", passage_of(tool, looked.values), looked)
        if looked.outcome == "not_found":
            passage = replace(
                passage_of(tool, {}), text="Nothing was found: there is no such thing."
            )
            return Called("", passage, looked)
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


def passage_of(tool: Tool, values: Mapping[str, Kept]) -> Passage:
    """Return what was found as a passage: a line for each field that holds something."""
    about = {field.name: field.about or field.name.replace("_", " ") for field in tool.fields}
    held = {name: value for name, value in values.items() if value not in ("", [])}
    lines = [f"{about[name]}: {_said(value)}" for name, value in held.items()]
    return Passage(f"tool/{tool.name}", tool.about, "\n".join(lines))


def _said(value: Kept) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
