"""A decision: what to do about a turn, and why. It is data; the bot carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

By = Literal["rule", "faq", "llm", "fallback"]


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why: a short ``code`` from a small set (a metric's label), ``text`` for people."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a reply: a click sends ``text`` and names ``action``."""

    text: str
    action: str


@dataclass(frozen=True, slots=True)
class AddTag:
    """A tag to put on the conversation; made where the account has none of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Assign:
    """An assignment of the conversation to the user with this e-mail address."""

    email: str


@dataclass(frozen=True, slots=True)
class SetPriority:
    """A mark of the conversation as a priority, or as none."""

    priority: bool


@dataclass(frozen=True, slots=True)
class Close:
    """The end of the conversation, until the customer writes again."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A time for which the bot keeps silent in this conversation."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class Note:
    """A private note for people. Customers never get it."""

    text: str


@dataclass(frozen=True, slots=True)
class Notify:
    """A message to people outside Papercups, where the settings name a webhook.

    Without a ``text`` it says what was asked, and why it is left to people.
    """

    text: str = ""


@dataclass(frozen=True, slots=True)
class SetEmail:
    """The e-mail address that the customer gave, to be stored where none is known."""

    address: str


Action = AddTag | Assign | SetPriority | Close | Snooze | Note | Notify | SetEmail


@dataclass(frozen=True, slots=True)
class TraceStep:
    """What one responder, or guard, made of the turn: a line of a decision's trace."""

    name: str
    outcome: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Decision:
    """What all decisions share.

    ``actions`` are carried out in order, after the text; ``fires`` are the keys of limits
    (rule ids) that this decision uses up; ``trace`` says what each responder made of the turn;
    ``cost`` holds figures to journal, such as ``{"prompt_tokens": 120, "completion_tokens": 40}``;
    ``gap`` marks a question that neither rule, FAQ nor model could answer: such questions are what
    the operator should write next. ``failure`` is the kind of the language model's failure
    (`LLMError.kind`) where that is why.
    """

    reason: Reason
    actions: tuple[Action, ...] = ()
    fires: tuple[str, ...] = ()
    trace: tuple[TraceStep, ...] = ()
    cost: dict[str, float] = field(default_factory=dict)
    gap: bool = False
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(_Decision):
    """An answer with ``text`` (markdown).

    ``source`` is the id of the rule, FAQ entry or page that it comes from, if any; ``sources`` are
    the ids of all passages that a language model names. Customers can read both. ``offer``: it is
    no answer but says what may be meant, and so is only said where none of the responders after it
    knows the answer.
    """

    text: str
    by: By
    source: str = ""
    sources: tuple[str, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    offer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff(_Decision):
    """The conversation left to people, unread and open, after ``text`` if there is one."""

    text: str | None = None
    by: By = "fallback"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Decision):
    """The decision to say nothing."""


Decision = Reply | Handoff | Silence


@dataclass(frozen=True, slots=True)
class Pass:
    """A responder's "not mine": the next one is asked. The reason goes into the trace."""

    reason: Reason
    actions: tuple[Action, ...] = ()
    fires: tuple[str, ...] = ()
