"""A model that looks something up before it answers: asked again with what was found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agentbot.pipeline.decision import Decision, Handoff, Reply
from agentbot.pipeline.llm.dialect import Dialect, Way
from agentbot.pipeline.llm.form import ANSWER_FORM
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.llm.tool_use import form_of, told_of, wanted_in
from agentbot.pipeline.model_responder import ModelOptions
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.tools.calling import ToolCalls
from agentbot.pipeline.tools.toolbox import Toolbox
from agentbot.pipeline.turn import Customer
from tests.support.folders import folder
from tests.support.model import in_form, unchecked
from tests.support.tools import resolving, tool
from tests.support.turns import turn

TOOLS = r"""
tools:
  - name: order_status
    about: Says how far an order is.
    url: https://shop.example.com/orders/{order}?mail={mail}
    for_model: true
    parameters:
      order: {about: The order's number., pattern: '[A-Z]{2}\d{6}'}
      mail: {required: false}
    result:
      status: {about: The order is}
      owner: {required: false}
"""
SYSTEM = "You are Fern.\n{% for entry in knowledge %}\n{{ entry.answer }}\n{% endfor %}\n"
BODY = b'{"status": "on its way", "owner": "vera@example.com", "margin": 0.8}'


def looking_up(**told: object) -> str:
    """Return an answer that asks for the order's status."""
    asked = {"tool": "order_status", **told}
    return in_form(action="look_up", look_up=asked)


class Script:
    """A model that answers one thing after the other, the last for ever."""

    def __init__(self, *answers: str) -> None:
        self.shown: list[str] = []
        self.forms: list[Any] = []
        self._answers = answers

    async def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        seconds: float,  # noqa: ARG002 - its answers take none
        **asked: object,
    ) -> Completion:
        """Answer the next."""
        self.shown.append(messages[0].content)
        self.forms.append(asked["form"])
        number = min(len(self.shown), len(self._answers)) - 1
        return Completion(self._answers[number], prompt_tokens=10, completion_tokens=2)


async def ask(
    tmp_path: Path,
    model: Script,
    text: str = "Where is my order FF123456?",
    *,
    tools: str = TOOLS,
    status: int = 200,
    options: ModelOptions | None = None,
) -> tuple[Decision, list[str]]:
    """Return the decision on a message, and what the shop was asked."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path.decode())
        kind = {"content-type": "application/json"}
        return httpx2.Response(status, headers=kind, stream=httpx2.ByteStream(BODY))

    prompts = load_prompts(folder(tmp_path, system=SYSTEM, tools=tools))
    resolve, _ = resolving(["93.184.216.34"])
    toolbox = Toolbox(
        prompts.tools, {}, resolve=resolve, transport=lambda: httpx2.MockTransport(answer)
    )
    pipeline = build_pipeline(
        prompts, llm=model, model_options=options or unchecked(), toolbox=toolbox
    )
    outcome = pipeline.decide(turn(text, customer=Customer(id="c")))
    return (await outcome if isawaitable(outcome) else outcome), asked


async def test_what_was_looked_up_is_a_source(tmp_path: Path) -> None:
    """It passes the checks as what was found, and stands in the journal."""
    said = "Your order FF123456 is on its way."
    model = Script(looking_up(order="FF123456"), in_form(said, sources=["tool/order_status"]))
    decision, asked = await ask(tmp_path, model, options=ModelOptions())
    assert isinstance(decision, Reply), decision.reason
    assert decision.text == said
    assert decision.sources == ("tool/order_status",)
    assert asked == ["/orders/FF123456"]
    assert '<passage id="tool/order_status">' not in model.shown[0]
    passage = "The order's number: FF123456\nThe order is: on its way\n"
    assert f'<passage id="tool/order_status">\n{passage}' in model.shown[1]
    assert "margin" not in model.shown[1]
    assert decision.cost["prompt_tokens"] == 20
    assert decision.cost["look_ups"] == 1
    assert ("look_up/order_status", "found") in [(one.name, one.outcome) for one in decision.trace]


async def test_what_was_not_found_there_is_not_said(tmp_path: Path) -> None:
    """The checks hold an answer against what was looked up, as against any passage."""
    said = "Your order FF123456 will arrive on 3 December, and you get a refund of 20 euros."
    model = Script(looking_up(order="FF123456"), in_form(said, sources=["tool/order_status"]))
    decision, _ = await ask(tmp_path, model, options=ModelOptions())
    assert isinstance(decision, Handoff)
    assert decision.reason.code == "llm_checks"


async def test_it_ends_after_a_few_look_ups(tmp_path: Path) -> None:
    """A model that asks on and on is not followed: people are."""
    model = Script(looking_up(order="FF123456"))
    decision, asked = await ask(tmp_path, model)
    assert isinstance(decision, Handoff)
    assert (len(model.shown), len(asked)) == (3, 2)
    assert model.forms[0] is not None
    assert model.forms[2] is None
    model = Script(looking_up(order="FF123456"))
    _, asked = await ask(tmp_path, model, options=unchecked(look_ups=1))
    assert (len(model.shown), len(asked)) == (2, 1)


@pytest.mark.parametrize(
    ("tools", "options"),
    [
        (TOOLS.replace("for_model: true", "for_model: false"), unchecked()),
        (TOOLS, unchecked(look_ups=0)),
        (TOOLS, unchecked(in_form=False)),
    ],
    ids=["not for it", "none allowed", "no form"],
)
async def test_a_tool_that_is_not_for_the_model_is_not_told(
    tmp_path: Path, tools: str, options: ModelOptions
) -> None:
    """Nor called, whatever the model writes; one call a turn remains one."""
    model = Script(looking_up(order="FF123456"))
    decision, asked = await ask(tmp_path, model, tools=tools, options=options)
    assert isinstance(decision, Handoff)
    assert asked == []
    assert len(model.shown) == 1
    assert "order_status" not in model.shown[0]
    assert model.forms == [None]


async def test_what_a_model_may_not_see_is_put_back_for_the_tool(tmp_path: Path) -> None:
    """And hidden in what comes: only the tool's host is told."""
    model = Script(looking_up(order="FF123456", mail="[email 1]"), in_form("On its way."))
    text = "Where is FF123456? I am vera@example.com"
    _, asked = await ask(tmp_path, model, text)
    assert asked == ["/orders/FF123456?mail=vera%40example.com"]
    assert "owner: [email 1]" in model.shown[1]
    assert "vera@" not in "".join(model.shown)


@pytest.mark.parametrize(
    ("told", "status", "shown"),
    [
        ({"order": "FF123456"}, 404, "Nothing was found: there is no such thing."),
        ({"order": "FF123456"}, 403, "order_status cannot be asked at the moment."),
        ({"order": "nonsense"}, 200, "order_status was not asked: order does not fit"),
        ({"order": "FF123456", "mail": "[email 9]"}, 200, "The order is: on its way"),
    ],
)
async def test_what_comes_of_it_is_told(
    tmp_path: Path, told: dict[str, object], status: int, shown: str
) -> None:
    """So that the model can say so, ask, or hand over."""
    model = Script(looking_up(**told), in_form(action="hand_over"))
    decision, _ = await ask(tmp_path, model, status=status)
    assert isinstance(decision, Handoff)
    assert shown in model.shown[1]


_CALL = ("order_status", {"order": "FF1"})


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (looking_up(order="FF1"), _CALL),
        ('{"action": "look_up", "look_up": {"name": "order_status", "order": "FF1"}}', _CALL),
        ('{"action": "Look up", "look_up": "order_status", "arguments": {"order": "FF1"}}', _CALL),
        ('{"action": "tool_call", "tool": "order_status", "args": {"order": "FF1"}}', _CALL),
        ('{"name": "order_status", "arguments": "{\\"order\\": \\"FF1\\"}"}', _CALL),
        ('```json\n{"action": "look_up", "look_up": {"tool": "x"}}\n```', ("x", {})),
        (in_form("Yes."), None),
        (in_form("Yes.", look_up=None), None),
        (in_form(action="hand_over", look_up={"tool": "order_status"}), None),
        ('{"name": "somebody", "arguments": {}}', None),
        ('{"action": "look_up", "look_up": {"tool": "order_status", "order": "FF', None),
        ("Let me look that up for you.", None),
        ("", None),
    ],
)
def test_a_call_is_read_in_the_ways_in_which_models_write_it(raw: str, wanted: object) -> None:
    """And nothing else is taken for one."""
    assert wanted_in(raw, {"order_status"}) == wanted


def _objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from _objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _objects(inner)


def _calls() -> ToolCalls:
    made = tool(TOOLS)
    return ToolCalls(Toolbox([made], {}), [made])


def test_the_form_is_one_that_strict_servers_take() -> None:
    """Every field required, no other allowed; and the usual form is as it was."""
    form = form_of(_calls())
    objects = list(_objects(form.schema))
    assert len(objects) == 2
    for one in objects:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False
    assert "look_up" in form.schema["properties"]["action"]["enum"]
    assert "look_up" not in json.dumps(ANSWER_FORM.schema)


@pytest.mark.parametrize(("way", "key"), [(Way.SCHEMA, "response_format"), (Way.TOOL, "tools")])
def test_it_takes_the_place_of_the_usual_one(way: Way, key: str) -> None:
    """In each way of asking for a form; where there is none, there is still none."""
    form = form_of(_calls())
    dialect = Dialect(400, ANSWER_FORM, way)
    assert "look_up" in json.dumps(dialect.parameters([], form)[key])
    assert "look_up" not in json.dumps(dialect.parameters([])[key])
    assert key not in Dialect(400, None, way).parameters([], form)


def test_the_instructions_tell_of_each_tool() -> None:
    """What it is for, and what it is told."""
    told = told_of(_calls())
    assert "- order_status: Says how far an order is. It is told: {" in told
    assert '"look_up": {"tool": its name' in told
