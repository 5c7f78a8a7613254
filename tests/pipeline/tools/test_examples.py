"""The examples of tools.yaml and docs/tools.md work as they stand."""

from __future__ import annotations

import re
from inspect import isawaitable
from pathlib import Path

import httpx2
import pytest

from agentbot.pipeline.decision import Reply
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.tools.toolbox import Toolbox
from tests.support.folders import DEFAULT, folder
from tests.support.tools import resolving
from tests.support.turns import turn

_PAGE = (DEFAULT.parent / "docs" / "tools.md").read_text(encoding="utf-8")
_TOOLS, _RULES, _WITH_GROUPS, _FAILING, _SERVERS = re.findall(
    r"```yaml\n(.*?)```", _PAGE, re.DOTALL
)
(_ANSWER,) = re.findall(r"```json\n(.*?)```", _PAGE, re.DOTALL)


@pytest.mark.parametrize("rules", [_RULES, _WITH_GROUPS, _FAILING])
async def test_the_pages_example_answers(tmp_path: Path, rules: str) -> None:
    """With the answer that stands there."""
    prompts = load_prompts(folder(tmp_path, tools=_TOOLS, rules=rules))
    resolve, _ = resolving(["93.184.216.34"])

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["authorization"] == "Bearer s3cret"
        kind = {"content-type": "application/json"}
        return httpx2.Response(200, headers=kind, stream=httpx2.ByteStream(_ANSWER.encode()))

    toolbox = Toolbox(
        prompts.tools,
        {"SHOP_API_TOKEN": "s3cret"},
        resolve=resolve,
        transport=lambda: httpx2.MockTransport(answer),
    )
    decision = build_pipeline(prompts, toolbox=toolbox).decide(turn("Where is order FF123456?"))
    assert isawaitable(decision)
    decision = await decision
    assert isinstance(decision, Reply)
    assert decision.text == "Your order FF123456 is on its way."


def test_the_shipped_files_example_is_good(tmp_path: Path) -> None:
    """Once the signs before its lines are taken away."""
    text = (DEFAULT / "tools.yaml").read_text(encoding="utf-8")
    lines = [line.removeprefix("#").removeprefix(" ") for line in text.splitlines()]
    start = lines.index("tools:")
    rule = next(number for number, line in enumerate(lines) if line.startswith("  - id:"))
    tools = "\n".join(line for line in lines[start:rule] if not line[:1].isupper())
    prompts = load_prompts(
        folder(tmp_path, tools=tools, rules="rules:\n" + "\n".join(lines[rule:]))
    )
    assert [tool.name for tool in prompts.tools] == ["order_status"]
    assert prompts.rules.first[0].look_up is not None


def test_the_pages_mcp_servers_are_good(tmp_path: Path) -> None:
    """As far as can be seen without them."""
    prompts = load_prompts(folder(tmp_path, tools=_SERVERS))
    (one,) = prompts.tools
    assert one.server is not None
    assert one.server.command == ("shop-mcp", "--read-only")
    assert (one.remote_name, one.origin) == ("get_order", ("mcp", "shop", 0))
