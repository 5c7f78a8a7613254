"""Responders of the operator's own are found, made and asked; what cannot be is a clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.custom import GROUP, check_responder_name, load_responder
from agentbot.pipeline.decision import Pass, Reason, Reply
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from tests.support.folders import DEFAULT, folder
from tests.support.turns import turn

EXAMPLE = """
from agentbot.pipeline.decision import Pass, Reason, Reply


class Tea:
    name = "tea"

    def respond(self, turn):
        if "tea" not in turn.text.lower():
            return Pass(Reason("no_tea", "not about tea"))
        return Reply(reason=Reason("tea", "asked for tea"), text="Earl Grey?", by="rule")


ready_made = Tea()


def make():
    return Tea()


class Needy:
    def __init__(self, kettle):
        pass


class Mute:
    name = "mute"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The example of the README, as a module of its own."""
    name = f"my_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / f"{name}_broken.py").write_text("1 / 0", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.mark.parametrize("attribute", ["Tea", "make", "ready_made"])
def test_a_dotted_path_names_a_class_a_function_or_a_responder(module: str, attribute: str) -> None:
    """All three end as a responder."""
    responder = load_responder(f"{module}:{attribute}")
    assert responder.name == "tea"
    assert isinstance(responder.respond(turn("tea")), Reply)
    assert isinstance(responder.respond(turn("x")), Pass)


def test_an_entry_point_names_one_too(module: str, tmp_path: Path) -> None:
    """By the name under which an installed package offers it."""
    installed = tmp_path / "tea_shop-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: tea-shop\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(f"[{GROUP}]\ntea = {module}:Tea\n")
    assert load_responder("tea").name == "tea"
    assert check_responder_name("tea", ()) is None
    wrong = check_responder_name("tee", ("rules",))
    assert wrong is not None
    assert wrong[1] == "did you mean 'tea'?"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no_such_module_here:Tea", "cannot be imported"),
        ("{}_broken:Tea", "ZeroDivisionError"),
        ("{}:Tee", "did you mean 'Tea'?"),
        ("{}:Needy", "cannot be made"),
        ("{}:Mute", "cannot be made: TypeError"),
        ("{}:EXAMPLE", "has no 'EXAMPLE'"),
        ("nobody", "there is no responder 'nobody'"),
    ],
)
def test_what_cannot_be_loaded_is_a_clear_error(module: str, name: str, expected: str) -> None:
    """With the name in it, and what to do."""
    if "Mute" in name:
        expected = "is not a responder"
    with pytest.raises(ConfigurationError) as caught:
        load_responder(name.format(module))
    assert expected in str(caught.value)


def test_a_policy_names_one_and_the_pipeline_asks_it(module: str, tmp_path: Path) -> None:
    """In its place in the order."""
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    policy = policy.replace("[rules, faq, llm, otherwise]", f"[rules, '{module}:Tea', otherwise]")
    pipeline = build_pipeline(load_prompts(folder(tmp_path, policy=policy)))
    decision = pipeline.decide(turn("Tea, please"))
    assert isinstance(decision, Reply)
    assert decision.text == "Earl Grey?"
    assert decision.reason == Reason("tea", "asked for tea")


@pytest.mark.parametrize("name", ["a b:C", "a:", ":b", "rule"])
def test_a_name_that_cannot_be_one_is_found_without_importing(name: str) -> None:
    """When the folder is checked."""
    assert check_responder_name(name, ("rules",)) is not None
