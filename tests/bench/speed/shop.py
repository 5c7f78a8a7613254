"""A shop for the bench: so many rules of mixed kinds, opening hours, a FAQ, and the questions.

Every question has one answer: a rule's, or the FAQ's by its words. No two that follow each other
get the same text, since a bot that is asked the same three times over calls a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

RULES = 20
"""Rules of the bars' unit."""
ENTRIES = 20
"""FAQ entries behind them."""

_COLOURS = ("jade", "amber", "cobalt", "ivory", "crimson", "slate", "copper", "violet", "olive")
_MAKERS = ("Bergen", "Lofoten", "Tromso", "Kyoto", "Nagoya", "Assam", "Yunnan", "Ceylon")
_THINGS = (
    *("kettle", "teapot", "cup", "bowl", "tray", "strainer", "caddy", "whisk", "saucer", "jar"),
    *("plate", "spoon", "vase", "candle", "blanket", "apron", "basket", "lamp", "mug", "pitcher"),
    *("towel", "coaster", "tin", "scoop", "cloth", "brush", "mat", "box", "stand", "sieve"),
)
"""What is sold: 9 x 8 x 30 things, which are enough for 2,000 rules."""
_SIZES = ("", "large ", "small ")
"""The sizes in which the FAQ speaks of them: enough for 5,000 entries."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the id of the rule or FAQ entry that answers it."""

    text: str
    source: str


def things() -> Iterator[str]:
    """Yield the names of what is sold, in an order that does not change."""
    for colour, maker, thing in product(_COLOURS, _MAKERS, _THINGS):
        yield f"{colour} {maker} {thing}"


def _by_any_word(thing: str) -> tuple[dict[str, object], str]:
    any_of = [f"price of the {thing}", f"cost of the {thing}"]
    return {"keywords": {"any": any_of}}, f"What is the price of the {thing}?"


def _by_all_words(thing: str) -> tuple[dict[str, object], str]:
    words = {"all": [thing], "any": ["ship*", "deliver*", "send"], "unless_denied": True}
    return {"keywords": words}, f"Can you deliver the {thing}?"


def _by_pattern(thing: str) -> tuple[dict[str, object], str]:
    pattern = rf"(?i)\b{thing}\b.{{0,40}}\b(broken|cracked|chipped)\b"
    return {"matches": pattern}, f"My {thing} arrived broken."


def _by_condition(thing: str) -> tuple[dict[str, object], str]:
    condition = f'inside_hours && text.contains("{thing}") && text.contains("stock")'
    return {"when": condition}, f"Is the {thing} in stock?"


_KINDS: tuple[Callable[[str], tuple[dict[str, object], str]], ...] = (
    _by_any_word,
    _by_all_words,
    _by_pattern,
    _by_condition,
)
"""The kinds of rules, which take turns."""


def rules(count: int = RULES) -> list[tuple[dict[str, object], Asked]]:
    """Return so many rules, each with a question that it answers."""
    made = []
    for number, thing in zip(range(count), things(), strict=False):
        condition, question = _KINDS[number % len(_KINDS)](thing)
        id_ = f"{thing.replace(' ', '-').lower()}-{number}"
        reply = (
            f"{{% if customer.first_name %}}Hello {{{{ customer.first_name }}}}. {{% endif %}}"
            f"Thank you for asking about the {thing}: number {number} of our shelf. "
            f"We are here {{{{ opening_hours }}}}, and happy to tell you more."
        )
        made.append(({"id": id_, **condition, "reply": reply}, Asked(question, id_)))
    return made


_WAYS = (
    "How do I {} a {}?",
    "what is the right way to {} my {}",
    "tell me how one can {} a {}",
    "instructions to {} the {} please",
)
_DEEDS = ("wash", "repair", "polish", "store", "return", "wrap", "insure", "engrave", "recycle")


def entries(count: int = ENTRIES) -> list[tuple[dict[str, object], Asked]]:
    """Return so many FAQ entries of five phrasings each, each with a question that it answers."""
    made: list[tuple[dict[str, object], Asked]] = []
    sized = (f"{size}{thing}" for size in _SIZES for thing in things())
    for number, thing in zip(range(count), sized, strict=False):
        deed = _DEEDS[number % len(_DEEDS)]
        ways = [way.format(deed, thing) for way in _WAYS]
        id_ = f"{deed}-{number}"
        entry: dict[str, object] = {
            "id": id_,
            "question": ways[0],
            "phrasings": ways[1:],
            "answer": f"To {deed} the {thing}, read the leaflet number {number} that came with it.",
        }
        made.append((entry, Asked(ways[1], id_)))
    return made


def questions() -> list[Asked]:
    """Return what the bars' customers ask, in order: four rules' questions, one of the FAQ."""
    by_rule = [asked for _, asked in rules()]
    by_faq = [asked for _, asked in entries()]
    mixed = []
    for number, asked in enumerate(by_rule):
        mixed.append(asked)
        if number % len(_KINDS) == len(_KINDS) - 1:
            mixed.append(by_faq[number // len(_KINDS)])
    return mixed


POLICY = """\
presence: always
# What a conversation has here within ten minutes is no chat between two machines.
loop_breaker: {replies: 1000, within: 1s}
responders: [rules, faq, otherwise]
"""
HOURS = """\
time_zone: Europe/Oslo
week: {everyday: "0:00-24:00"}
"""


def write(folder: Path, *, rule_count: int = RULES, entry_count: int = ENTRIES) -> Path:
    """Write the shop's prompts into the folder; return it."""
    (folder / "faq").mkdir(parents=True, exist_ok=True)
    made = {"rules": [rule for rule, _ in rules(rule_count)]}
    (folder / "rules.yaml").write_text(_yaml(made))
    (folder / "faq" / "faq.yaml").write_text(_yaml([one for one, _ in entries(entry_count)]))
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "hours.yaml").write_text(HOURS)
    return folder


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=100)
