"""From a rule's look-up as written to one that can be made, with every problem at its line."""

from __future__ import annotations

from collections.abc import Mapping

from agentbot.pipeline.files.rules import (
    InsteadModel,
    LookUpModel,
    OnFailureModel,
    RuleModel,
)
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.rules.conditions import ConditionProblem
from agentbot.pipeline.rules.groups import Groups
from agentbot.pipeline.rules.place import RulePlace
from agentbot.pipeline.rules.rule import Answer, LeaveToPeople, LookUp
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.words import did_you_mean

_SAMPLE = "FF123456"
"""What a named group holds while texts are tried."""


class LookUpCompiler:
    """The compiler of a rule's look-up.

    Once it has compiled it, ``more`` holds samples of what the rule's texts may use besides facts.
    """

    def __init__(self, place: RulePlace, tools: Mapping[str, Tool]) -> None:
        self.more: dict[str, Mapping[str, object] | None] = {}
        self._place = place
        self._tools = tools

    def compile(self, model: RuleModel, asked: LookUpModel) -> LookUp | None:
        """Compile what the rule looks up; None where the tool is not known."""
        groups = self._groups(model)
        self.more["match"] = dict.fromkeys(groups.names, _SAMPLE)
        given = {name: self._text(text, "look_up", name) for name, text in asked.given.items()}
        tool = self._tools.get(asked.tool)
        if tool is None:
            remedy = did_you_mean(asked.tool, self._tools) or "declare it in tools.yaml"
            problem = f"there is no tool {asked.tool!r}"
            self._place.note("look_up", "tool", problem=problem, remedy=remedy)
            self.more["result"] = None
            return None
        self._check_given(tool, asked.given)
        failure = model.on_failure or OnFailureModel.model_validate({"hand_over": True})
        usually = self._instead(failure.reply, hand_over=bool(failure.hand_over))
        look_up = LookUp(
            tool=tool,
            given={name: text for name, text in given.items() if text is not None},
            groups=groups,
            not_found=self._case(failure.not_found, "not_found") or usually,
            timed_out=self._case(failure.timed_out, "timed_out") or usually,
            missing=self._case(failure.missing, "missing"),
            failed=usually,
        )
        self.more["result"] = tool.samples
        return look_up

    def _groups(self, model: RuleModel) -> Groups:
        try:
            return Groups(model.matches or ())
        except ConditionProblem as error:
            self._place.note("matches", problem=error.problem, remedy=error.remedy)
            return Groups(())

    def _check_given(self, tool: Tool, given: Mapping[str, str]) -> None:
        for name, text in given.items():
            if name not in tool.parameters:
                remedy = did_you_mean(name, tool.parameters) or "leave it out"
                problem = f"the tool {tool.name!r} has no parameter {name!r}"
                self._place.note("look_up", name, problem=problem, remedy=remedy)
            elif "{" not in text:
                try:
                    tool.parameters[name].value(text)
                except ValueError as error:
                    problem = f"{text!r} cannot be sent: {error}"
                    self._place.note("look_up", name, problem=problem)
        for name, parameter in tool.parameters.items():
            if parameter.required and not parameter.source and name not in given:
                problem = f"the tool {tool.name!r} must be told {name!r}"
                remedy = (
                    f"add {name}: '{{{{ match.{name} }}}}', or write in tools.yaml where it comes"
                    " from: 'from: message'"
                )
                self._place.note("look_up", problem=problem, remedy=remedy)

    def _case(self, model: InsteadModel | None, name: str) -> Answer | LeaveToPeople | None:
        if model is None:
            return None
        return self._instead(model.reply, name, hand_over=model.hand_over)

    def _instead(self, reply: str | None, *case: str, hand_over: bool) -> Answer | LeaveToPeople:
        """Return what is done where nothing came: a text, or people, or both."""
        text = None if reply is None else self._text(reply, "on_failure", *case, "reply")
        variants = () if text is None else (text,)
        return LeaveToPeople(variants) if hand_over or reply is None else Answer(variants)

    def _text(self, source: str, *keys: str) -> Template | None:
        return self._place.text(source, *keys, more=self.more)
