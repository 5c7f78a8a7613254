"""A model that looks something up before it answers.

It says so in the form of its answers, which every endpoint understands that understands the form at
all. What was found becomes a passage, and the model is asked again with it: a few times at most.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentbot.errors import LLMError
from agentbot.pipeline.decision import TraceStep
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.llm.asking import Asked, Asker
from agentbot.pipeline.llm.form import ANSWER_FORM, AnswerForm
from agentbot.pipeline.llm.masking import Mask
from agentbot.pipeline.llm.repair import find_object
from agentbot.pipeline.llm.spoken import spoken
from agentbot.pipeline.tools.calling import Called, ToolCalls, parameters_of
from agentbot.pipeline.tools.journal import cost as paid
from agentbot.pipeline.tools.journal import step
from agentbot.pipeline.turn import Turn

LOOK_UP = "look_up"
"""The action by which a model asks for a look-up, and the field that says which."""
_ACTIONS = frozenset({LOOK_UP, "lookup", "tool", "tool_call", "use_tool", "call_tool", "call"})
"""The words by which models name it."""
_NAMES, _ARGUMENTS = ("tool", "name", "function"), ("arguments", "parameters", "args", "input")
"""The keys under which they write which tool, and what it is told."""


class ToolUser:
    """What asks the model as an `Asker` does, and lets it look things up: ``rounds`` at most.

    ``seconds`` is the time for one answer, look-ups included.
    """

    def __init__(self, asker: Asker, calls: ToolCalls, *, rounds: int, seconds: float) -> None:
        self._asker = asker
        self._calls = calls
        self._rounds = rounds
        self._seconds = seconds
        self._form = form_of(calls)
        self.prompt_version = asker.prompt_version

    async def ask(self, turn: Turn, facts: Facts, passages: Sequence[Passage], mask: Mask) -> Asked:
        """Ask, and again with each thing that the model has looked up.

        Raises ``LLMError``, and ``OverBudget``.
        """
        now = asyncio.get_running_loop().time
        ends = now() + self._seconds
        known, cost, trace = list(passages), dict[str, float](), tuple[TraceStep, ...]()
        for left in range(self._rounds, -1, -1):
            seconds = ends - now()
            if seconds <= 0:
                raise LLMError(
                    "timeout", f"no answer within {self._seconds:g} s, look-ups included"
                )
            form = self._form if left else None
            said = await self._asker.ask(turn, facts, known, mask, form=form, seconds=seconds)
            cost = _added(cost, said.cost)
            wanted = wanted_in(said.completion.text, self._calls.tools) if left else None
            if wanted is None:
                return replace(said, cost=cost, trace=(*trace, *said.trace))
            name, arguments = wanted
            called = await self._calls.call(name, _shown(arguments, mask), facts)
            known.insert(0, _passage(name, called, mask))
            if called.looked is not None:
                trace += (step(called.looked),)
                cost = _added(cost, paid(called.looked))
        raise AssertionError("the last round returns or raises")


def told_of(calls: ToolCalls) -> str:
    """Return what the instructions say of the tools."""
    lines = [
        f"- {tool.name}: {tool.about} It is told: {json.dumps(parameters_of(tool)['properties'])}"
        for tool in calls.tools.values()
    ]
    return _TOLD.format(tools="\n".join(lines))


_TOLD = """\
# What you can look up

Where the passages lack what one of these look-ups would give, ask for it first: write "look_up" as
the "action", the look-up as "look_up": {{"tool": its name, and what it is told}}, and "" as "text".
What is found then comes as a passage. Never invent what it is told: where the customer has not said
it, ask them ("clarify").
{tools}

"""


def form_of(calls: ToolCalls) -> AnswerForm:
    """Return the form of answers in which a look-up can be asked for."""
    schema = ANSWER_FORM.schema
    properties: dict[str, Any] = {}
    for name, field in schema["properties"].items():
        properties[name] = field
        if name == "action":
            properties[name] = {**field, "enum": [*field["enum"], LOOK_UP]}
            asked = [_schema_of(name, parameters_of(tool)) for name, tool in calls.tools.items()]
            properties[LOOK_UP] = {
                "description": "What to look up, if that is the action; else null.",
                "anyOf": [*asked, {"type": "null"}],
            }
    made = {**schema, "properties": properties, "required": list(properties)}
    return AnswerForm(ANSWER_FORM.name, ANSWER_FORM.about, made)


def _schema_of(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a look-up's schema as strict servers want it: what may be missing is null."""
    properties = {
        key: one if key in parameters["required"] else {"anyOf": [one, {"type": "null"}]}
        for key, one in parameters["properties"].items()
    }
    properties = {"tool": {"type": "string", "enum": [name]}, **properties}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def wanted_in(raw: str, tools: Collection[str]) -> tuple[str, Mapping[str, object]] | None:
    """Return which tool an answer asks for, and what that is told; None where it asks for none."""
    found = find_object(spoken(raw))
    if found is None or found.unfinished:
        return None
    action = re.sub(r"\W+", "_", str(found.value.get("action", "")).strip().lower())
    inner: object = found.value.get(LOOK_UP) or found.value.get("tool_call")
    if action not in _ACTIONS:
        if action or found.value.get("name") not in tools:
            return None
        inner = found.value  # a call as models of other protocols write it
    if isinstance(inner, str):
        inner = {**found.value, "tool": inner}
    if not isinstance(inner, Mapping):
        inner = found.value
    name = next((inner[key] for key in _NAMES if isinstance(inner.get(key), str)), "")
    told = next((inner[key] for key in _ARGUMENTS if key in inner), None)
    if isinstance(told, str):
        read = find_object(told)
        told = None if read is None else read.value
    rest = {key: value for key, value in inner.items() if key not in (*_NAMES, *_ARGUMENTS)}
    return name, told if isinstance(told, Mapping) else rest


def _shown(arguments: Mapping[str, object], mask: Mask) -> dict[str, object]:
    """Return what a tool is told, with what the model was not shown put back."""
    return {
        key: mask.show(value) if isinstance(value, str) else value
        for key, value in arguments.items()
    }


def _passage(name: str, called: Called, mask: Mask) -> Passage:
    """Return what came of a call as the model may see it."""
    passage = called.passage or Passage(f"tool/{name}", "A look-up", called.said)
    return replace(passage, text=mask.hide(passage.text))


def _added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {key: one.get(key, 0.0) + other.get(key, 0.0) for key in {**one, **other}}
