"""What a message asks beside what one of the operator's rules has answered.

A rule answers by the words that it looks for, wherever they stand, and so decides a whole turn. If
one sentence is what it is for, the other questions of the message would be lost: they are asked of
the other rules, of FAQ and model, or named and left to people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass, replace

from agentbot.pipeline.context.meaning import goes_on
from agentbot.pipeline.decision import (
    Close,
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
    Snooze,
    TraceStep,
)
from agentbot.pipeline.faq.questions.reading import Part, sentences, tells
from agentbot.pipeline.guards import UNANSWERED_AGAIN
from agentbot.pipeline.languages.asking import Form
from agentbot.pipeline.languages.following import follow_ups, language_among
from agentbot.pipeline.responder import Later, Responder, failed
from agentbot.pipeline.turn import FollowUp, FollowUpKind, Turn

_LONGEST = 1_000
"""Characters of a message that is looked through: a longer one is read as one story."""
_MOST_SENTENCES = 6
"""Sentences that are asked of the rules again, each for itself: who writes more tells a story."""
_KNOWING = frozenset({"faq", "llm"})
"""The responders that know answers: the others only have excuses, or are not ours."""
_CUT_SHORT = frozenset({FollowUpKind.FRAGMENT, FollowUpKind.SUPPLEMENT})
"""What is no question by itself."""
_OUTCOMES = (Reply, Handoff, Silence, Pass)


@dataclass(frozen=True, slots=True)
class Rest:
    """Who is asked about the rest of a message: ``rules`` first, then FAQ and model of ``others``.

    ``passed_on`` returns the words before what is left to people; ``is_again``: they were asked
    already.
    """

    rules: Responder
    others: Sequence[Responder]
    passed_on: Callable[[], str | None]
    is_again: bool

    def added_to(
        self, decision: Decision, turn: Turn
    ) -> Generator[Awaitable[Decision | Pass], Decision | Pass, Decision]:
        """Return a rule's decision with what is said to the rest.

        A generator: it yields what is to be awaited, and is sent the outcome.
        """
        if not isinstance(decision, Reply):
            return decision
        said, left = _asked_of_rules(decision, turn, self.rules)
        if not left or not isinstance(said, Reply):
            return said
        rest = _saying(turn, "\n".join(left))
        for responder in (one for one in self.others if one.name in _KNOWING):
            try:
                answer = responder.respond(rest)
                outcome: object = answer if isinstance(answer, _OUTCOMES) else (yield answer)
            except Exception as error:  # noqa: BLE001 - a responder may be anybody's code
                said = replace(said, trace=(*said.trace, failed(responder.name, error)))
                continue
            if (both := _and_also(said, outcome)) is not None:
                also = Reason(responder.name, f"also asked: {' '.join(left)}")
                return replace(both, trace=(*both.trace, TraceStep("beside", "answered", also)))
            if isinstance(outcome, Reply | Handoff):  # it is not said, and was paid for
                said = replace(said, cost={**said.cost, **outcome.cost})
        return self._named(said, left)

    def _named(self, reply: Reply, left: list[str]) -> Handoff:
        """Return the reply that names the rest, and leaves it to people."""
        lead, asked = self.passed_on(), " ".join(left)
        named = "\n".join([f"{lead}\n", *(f"- {one}" for one in left)])
        return Handoff(
            reason=Reason("rule_in_part", f"a rule answers one part; nothing answers: {asked}"),
            text=f"{reply.text}\n\n{named}" if lead else reply.text,
            by=reply.by,
            source=reply.source,
            actions=reply.actions,
            fires=(*reply.fires, UNANSWERED_AGAIN) if self.is_again else reply.fires,
            trace=reply.trace,
            cost=reply.cost,
            gap=True,
        )


def _asked_of_rules(
    reply: Reply, turn: Turn, rules: Responder
) -> tuple[Reply | Handoff, list[str]]:
    """Return what the rules say to each sentence, and the questions to which they say nothing.

    There are none where no sentence alone would get that reply: then the rule is for the whole;
    nor where the reply ends the talk.
    """
    ends = any(isinstance(one, Close | Snooze) for one in reply.actions)
    parts = [] if ends or len(turn.text) > _LONGEST else sentences(turn.text)
    if not 1 < len(parts) <= _MOST_SENTENCES:
        return reply, []
    going_on = {one.written: one for one in turn.meant.follow_ups} if turn.meant else {}
    found = [_at_once(rules.respond(_saying(turn, part.written))) for part in parts]
    if not any(_is_from(reply.source, outcome) for outcome in found):
        return reply, []
    said, left = reply, []
    for part, written in zip(parts, found, strict=True):
        text, outcome = _text(part, going_on.get(part.written)), written
        if text != part.written:
            outcome = _at_once(rules.respond(_saying(turn, text)))
        if isinstance(outcome, Handoff) and not _is_from(reply.source, outcome):
            return _and_handoff(said, outcome), []  # people read all of it
        if _is_from(said.source, outcome) or not _asks(part, going_on.get(part.written), turn):
            continue
        if isinstance(outcome, Reply):
            said = _and_reply(said, outcome)
        else:
            left.append(follow_ups(language_among([text], "en")).without_lead(text))
    return said, left


def _and_also(reply: Reply, outcome: object) -> Reply | Handoff | None:
    """Return a rule's reply with what else is surely said to the rest; None where nothing is."""
    if isinstance(outcome, Reply) and not outcome.gap and not outcome.quick_replies:
        return replace(_and_reply(reply, outcome), cost={**reply.cost, **outcome.cost})
    if isinstance(outcome, Handoff) and outcome.by == "faq":
        return _and_handoff(reply, outcome)
    return None


def _saying(turn: Turn, text: str) -> Turn:
    return replace(turn, messages=(replace(turn.messages[-1], text=text),), meant=None)


def _is_from(source: str, outcome: object) -> bool:
    return isinstance(outcome, Reply | Handoff | Later) and outcome.source in source.split(", ")


def _at_once(outcome: object) -> object:
    """Return an outcome; None where it would have to be waited for."""
    if isinstance(outcome, Coroutine):
        outcome.close()
        return None
    return outcome


def _text(part: Part, going_on: FollowUp | None) -> str:
    """Return what a sentence asks: "and to Sweden?" is "Do you ship to Sweden?"."""
    is_cut = going_on is not None and going_on.kind in _CUT_SHORT
    return going_on.question if going_on is not None and is_cut else part.written


def _asks(part: Part, going_on: FollowUp | None, turn: Turn) -> bool:
    """Say whether a sentence asks something of its own.

    Not what only asks for the price or the time of what the rule has answered.
    """
    if part.form is Form.TALK or not part.is_plain_question or not tells(part.text):
        return False
    if going_on is None:
        return not goes_on(part, turn)
    return going_on.kind is not FollowUpKind.ASPECT


def _and_handoff(reply: Reply, handoff: Handoff) -> Handoff:
    """Return a handoff that says what the reply says too."""
    return replace(
        handoff,
        text="\n\n".join(text for text in (reply.text, handoff.text) if text),
        by=reply.by,
        source=", ".join(one for one in (reply.source, handoff.source) if one),
        actions=(*reply.actions, *(one for one in handoff.actions if one not in reply.actions)),
        fires=(*reply.fires, *handoff.fires),
        trace=(*reply.trace, *handoff.trace),
        cost={**reply.cost, **handoff.cost},
    )


def _and_reply(one: Reply, other: Reply) -> Reply:
    return replace(
        one,
        text=f"{one.text}\n\n{other.text}",
        source=", ".join(source for source in (one.source, other.source) if source),
        actions=(*one.actions, *(action for action in other.actions if action not in one.actions)),
        fires=(*one.fires, *other.fires),
        quick_replies=one.quick_replies or other.quick_replies,
        trace=(*one.trace, *other.trace),
    )
