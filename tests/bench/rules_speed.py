"""What rules cost: a decision's time, and loading, as their number grows.

The rules are mixed as shops mix them: of ten, five by keywords (words, phrases, longer words, words
that forbid), three by a pattern, two by a CEL condition alone. Half of the messages are answered by
one of the rules, wherever it stands; half by none, which is what asks most of them.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.rules.compiler import CompiledRules, compile_rules
from agentbot.pipeline.rules.responder import RulesResponder
from agentbot.pipeline.turn import Customer, Turn
from tests.support.rules import TEXTS
from tests.support.turns import turn
from tests.support.words import WORDS

SIZES = (20, 500, 2_000)
"""Numbers of rules: an example's, a shop's, more than anybody looks after by hand."""
_MESSAGES = 60
"""Messages of a round: enough that no rule's place decides."""
_WORDS_SAID = 18
"""Words of a message: two sentences, some 120 characters."""
_SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ra", "se", "ti", "vo", "zu")


@dataclass(frozen=True, slots=True)
class RulesSpeed:
    """What so many rules cost: µs of CPU a decision, seconds of CPU to load the file."""

    rules: int
    microseconds: float
    loading: float


@cache
def _words() -> tuple[str, ...]:
    """Return made-up words: as many that no message holds as are needed."""
    chance = random.Random(11)  # noqa: S311 - figures, not secrets
    made = {"".join(chance.choices(_SYLLABLES, k=chance.randint(4, 5))) for _ in range(60_000)}
    return tuple(random.Random(12).sample(sorted(made), len(made)))  # noqa: S311 - as above


def rules_yaml(count: int) -> str:
    """Return a rules file with so many rules."""
    return "rules:\n" + "\n".join(_rule(number) for number in range(count)) + "\n"


def _words_of(number: int) -> tuple[str, ...]:
    """Return the words that only this rule asks for."""
    return _words()[5 * number : 5 * number + 5]


def _rule(number: int) -> str:
    one, two, three, four, five = _words_of(number)
    conditions = (
        f"keywords: [{one}, {two} {three}, {four}*]",
        f"keywords: {{all: [{one}, {two}], not: [{three}]}}",
        f"keywords: {{any: [{one}, {two}*, {three}], not: [{four} {five}]}}",
        f"matches: '(?i)\\b({one}|{two})\\b.{{0,40}}\\b\\d{{5,8}}\\b'",
        f"keywords: {{any: [{one} {two}, {three}], unless_denied: true}}\n    first_message: true",
        f"matches: '(?i){one} (the )?{two}s?'",
        f"when: customer.metadata.plan == '{one}' && minutes_since_person > 30.0",
        f"when: text.contains('{one}') && agents_online == 0",
        f"keywords: {{all: [{one}], any: [{two}, {three}, {four}]}}",
        f"matches: '(?i)^\\s*({one}|{two})( {three})?[\\s!.]*$'",
    )
    reply = f"Rule {number} says {{{{ customer.first_name }}}}: {one} costs {number} kroner."
    return f"  - id: rule-{number}\n    {conditions[number % 10]}\n    reply: '{reply}'"


def _said(number: int, count: int) -> str:
    """Return a message: every other one holds what some rule asks for."""
    chance = random.Random(f"said {number}")  # noqa: S311 - as above
    words = [
        f"x{one}" if chance.random() < 0.5 else one
        for one in chance.choices(
            ("please", "the", "order", "my", "hello", "where", "is", "tea", "cup", "blue", "a"),
            k=_WORDS_SAID,
        )
    ]
    if number % 2:
        words[chance.randrange(_WORDS_SAID) :] = _words_of(chance.randrange(count))[:2]
    return " ".join(words).capitalize() + "?"


def _turns(count: int) -> Iterator[Turn]:
    for number in range(_MESSAGES):
        vera = Customer(id="k", name="Vera Visitor", metadata={"plan": "pro", "visits": number})
        yield turn(_said(number, count), customer=vera)


def load(text: str) -> CompiledRules:
    """Read and compile a rules file without mistakes."""
    problems = Problems()
    file = parse_yaml(text, "rules.yaml", problems)
    model = None if file is None else validate(RulesFile, file, problems)
    if file is None or model is None:
        raise ValueError(problems.found[0])
    compiled = compile_rules(model, file, problems)
    if problems.found:
        raise ValueError(problems.found[0])
    return compiled


def measure(count: int, *, seconds: float = 0.5) -> RulesSpeed:
    """Measure so many rules for about so many seconds of CPU."""
    text = rules_yaml(count)
    began = time.process_time()
    compiled = load(text)
    responder = RulesResponder(
        compiled.first, name="rules", sources=FactSources(words=WORDS), texts=TEXTS
    )
    loading = time.process_time() - began
    turns = list(_turns(count))
    gc.collect()
    rounds, began = 0, time.process_time()
    while not rounds or time.process_time() - began < seconds:
        for one in turns:
            responder.respond(one)
        rounds += 1
    spent = time.process_time() - began
    return RulesSpeed(count, spent / rounds / len(turns) * 1e6, loading)


def main() -> None:
    """Print the figures, a line for each number of rules."""
    for count in SIZES:
        speed = measure(count)
        print(f"{speed.rules:>6} rules {speed.microseconds:8.0f} µs  loading {speed.loading:.2f} s")


if __name__ == "__main__":
    main()
