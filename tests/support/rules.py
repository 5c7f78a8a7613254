"""Rules for tests, as an operator writes them, and their responder."""

from __future__ import annotations

from textwrap import dedent

from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.known_facts import ROOTS
from agentbot.pipeline.rules.compiler import CompiledRules, compile_rules
from agentbot.pipeline.rules.responder import RulesResponder, RuleTexts
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.tools.toolbox import Toolbox
from tests.support.words import WORDS

TEXTS = RuleTexts(
    handoff=Template("A colleague will answer.", ROOTS),
    ask_email=Template("Your e-mail?", ROOTS),
)


def read(
    text: str, *, tools: tuple[Tool, ...] = (), toolbox: Toolbox | None = None
) -> tuple[RulesResponder | None, list[str]]:
    """Return the responder for a list of rules, and the problems with them."""
    problems = Problems()
    file = parse_yaml(dedent(text), "rules.yaml", problems)
    assert file is not None, problems.found
    model = validate(RulesFile, file, problems)
    if model is None:
        return None, [str(problem) for problem in problems.found]
    compiled = compile_rules(model, file, problems, tools=tools)
    responder = RulesResponder(
        compiled.first,
        name="rules",
        sources=FactSources(words=WORDS),
        texts=TEXTS,
        toolbox=toolbox,
    )
    return responder, [str(problem) for problem in problems.found]


def compiled(text: str, *, tools: tuple[Tool, ...] = ()) -> CompiledRules:
    """Return what the compiler makes of a file without mistakes."""
    problems = Problems()
    file = parse_yaml(dedent(text), "rules.yaml", problems)
    assert file is not None
    model = validate(RulesFile, file, problems)
    assert model is not None
    made = compile_rules(model, file, problems, tools=tools)
    assert not problems.found
    return made


def rules(text: str) -> RulesResponder:
    """Return the responder for rules without mistakes."""
    responder, problems = read(text)
    assert not problems
    assert responder is not None
    return responder
