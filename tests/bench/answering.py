"""A model that answers rightly: what it says from its sources, word for word or nearly so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml

from agentbot.pipeline.checks.draft import Draft
from agentbot.pipeline.checks.parsing.wording import sentences, stem, tongue
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.languages.foreign import language_of
from agentbot.pipeline.words import fold

LINK = "https://bank.example/help/"
"""Where the pages of the benchmark's bank stand."""
_QUESTIONS = 2_000
"""Of the benchmark's questions, which an entry answers."""
_GREETINGS = ("Hello!", "Hi there,", "Good day!", "Thanks for your question!", "Hi!")
_CLOSINGS = (
    *("I hope that helps!", "Let me know if you have any other questions."),
    *("Is there anything else I can help you with?", "Have a nice day!"),
    "If you have any further questions, just ask.",
)
_LEADS = ("Yes, ", "I can confirm that ", "Good question! ", "Sure: ", "Unfortunately, ")
_NEARLY: tuple[tuple[str, str], ...] = (
    *((r"\bdo not\b", "don't"), (r"\bcannot\b", "can't"), (r"\bit is\b", "it's")),
    *((r"\bYou can\b", "You may"), (r"\bworking days\b", "business days")),
    *((r"\bwithin (\d)", r"in \1"), (r"\bup to\b", "at most"), (r"\bat once\b", "immediately")),
    *((r"\bFor\b", "For"), (r"\bWe charge\b", "The charge is"), (r", and ", ". Also, ")),
)


def _same(text: str, _: int) -> str:
    return text


def _shortened(text: str, number: int) -> str:
    told = sentences(text)
    return told[number % len(told)]


def _greeted(text: str, number: int) -> str:
    greeting, closing = _GREETINGS[number % len(_GREETINGS)], _CLOSINGS[number % len(_CLOSINGS)]
    return f"{greeting} {text} {closing}"


def _led(text: str, number: int) -> str:
    lead = _LEADS[number % len(_LEADS)]
    first = text[0] if lead.endswith(("! ", ": ")) else text[0].lower()
    return f"{lead}{first}{text[1:]}"


def _nearly(text: str, number: int) -> str:
    """Return the text with some of its words said otherwise."""
    for place, (pattern, other) in enumerate(_NEARLY):
        if (place + number) % 2:
            text = re.sub(pattern, other, text, count=1)
    return text


def _listed(text: str, _: int) -> str:
    return "\n".join(
        f"- **{one.split(' ', 1)[0]}** {one.split(' ', 1)[-1]}" for one in sentences(text)
    )


WAYS: Mapping[str, Callable[[str, int], str]] = {
    "word for word": _same,
    "shortened": _shortened,
    "greeting and closing": _greeted,
    "with a lead": _led,
    "nearly so": _nearly,
    "as a list": _listed,
    "with the page's link": _same,
}
"""How a right answer is said."""


def right_drafts(data: Path, *, every: int = 1) -> Iterator[tuple[str, Draft]]:
    """Yield right answers by their way: to what looks suspicious, and to the bank's questions."""
    answers = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text("utf-8"))
    pieces = {
        id_: Passage(id_, id_.replace("_", " "), text, f"{LINK}{id_}")
        for id_, text in answers.items()
    }
    asked = [
        (one["text"], _of_money(one["text"], pieces))
        for one in _read(data / "attacks/benign.jsonl")
    ]
    questions = [
        (one["text"], pieces[one["faq"]])
        for one in _read(data / "faq-triage/test.jsonl")
        if one.get("faq") in pieces
    ]
    asked += questions[:_QUESTIONS]
    for number, (text, piece) in enumerate(asked[::every]):
        way = list(WAYS)[number % len(WAYS)]
        said = WAYS[way](piece.text, number)
        if way == "with the page's link":
            said = f"{said} More on that here: {piece.link}"
        yield (
            way,
            Draft(said, sources=(piece,), said=(text,), customers_language=language_of(text) or ""),
        )


def _of_money(question: str, pieces: Mapping[str, Passage]) -> Passage:
    """Return the piece on money matters that has most of a question's words."""
    common = tongue("en").common
    asked = {stem(word) for word in fold(question).split() if word not in common}
    about = [one for id_, one in pieces.items() if id_.startswith("money/")]
    return max(about, key=lambda one: len(asked & {stem(word) for word in fold(one.text).split()}))


def _read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
