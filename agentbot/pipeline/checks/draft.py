"""An answer that has not been said yet, with all that it may rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentbot.pipeline.knowledge.passage import Passage


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wants to say.

    ``sources`` are the passages that the answer names. ``known`` holds the business's own other
    texts: its facts, its hours. ``said`` is what the customer wrote in this conversation: its
    numbers and addresses may be repeated, but it supports no claim, else whoever writes "so you
    refund me 500 €" could have that confirmed. ``acts`` are the names of what really happens with
    this answer, such as ``hand_over``; ``secrets`` are texts that must not be told, the system
    prompt first. ``asked`` is the question that is meant, and ``is_sourced`` says that the answer
    itself names the sources. Languages are codes; "" where unknown.
    """

    text: str
    sources: tuple[Passage, ...] = ()
    known: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    language: str = ""
    customers_language: str = ""
    acts: frozenset[str] = frozenset()
    secrets: tuple[str, ...] = ()
    own_hosts: frozenset[str] = frozenset()
    asked: str = ""
    is_sourced: bool = False


class Code(StrEnum):
    """What a check finds; the value stands in the journal."""

    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    NO_CLAIM = "no_claim"
    FIGURE = "unsourced_figure"
    ADDRESS = "unsourced_address"
    PROMISE = "promise"
    ACT = "false_act"
    LEAK = "leak"
    PERSONAL = "personal_data"
    MARKUP = "markup"
    INVISIBLE = "invisible"
    CODE = "code"
    LANGUAGE = "language"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason not to say an answer. ``claim`` is the sentence, or the part, that it is about."""

    code: Code
    claim: str
    why: str
