"""What a turn asks in its conversation: the one step between what was said and what is looked for.

A question that stands for itself is left alone, whatever was said before it. Only what is cut short
("and to Sweden?"), names nothing ("how much is that?") or answers the bot's own offer is completed
by the topic. Nothing is looked up here, and no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agentbot.pipeline.context.choosing import chosen, chosen_again, is_refused, still_open
from agentbot.pipeline.context.exchanges import Exchange, exchanges
from agentbot.pipeline.context.topic import Topic, follow, kind_of, topic_of
from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.faq.questions.reading import Part, sentences
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.asking import Form
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.languages.following import FollowUps, follow_ups, language_among, tokens_of
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.own_messages import Offered, offered_in
from agentbot.pipeline.turn import Author, FollowUp, Meant, Turn

_MOST_EXCHANGES = 4
"""Exchanges in which the topic is looked for: what was said before them is forgotten anyway."""
_LONGEST = 500
"""Characters of a message that may depend on what was said before: who writes more says it all."""
_LONGEST_SAID = 300
"""Characters of an earlier message, its last ones, in which the topic is looked for. Reading takes
up to 4 ms for them, on the event loop."""
_ADDRESS = "email"
"""The source of the thanks for an e-mail address."""
_MOST_SENTENCES = 6
"""Sentences of a message that are read for follow-ups, the last ones."""


def in_context(turn: Turn, own: Language) -> tuple[Turn, tuple[TraceStep, ...]]:
    """Return the turn as the responders see it, and the step that says how it was understood.

    Who chooses one of the offered questions, by its place or a word of it, is taken to have clicked
    on it: the turn says that question. Else ``turn.meant`` says what is meant where the turn does
    not stand for itself. ``own`` is the language of the operator's texts.
    """
    if turn.is_blank or len(turn.text) > _LONGEST:
        return turn, ()
    words = _words(turn, own)
    said = exchanges(turn, most=_MOST_EXCHANGES)
    offered, is_again = still_open(said, words)
    text = turn.text
    is_click = any(text.strip() == one.text for one in offered)
    choose = chosen_again if is_again else chosen
    if not is_click and (choice := choose(text, offered, words)) is not None:
        which = "offered before" if is_again else "just offered"
        reason = Reason("chosen", f"meant: {choice.text} (one of the questions {which})")
        return _saying(turn, choice.text), (TraceStep("context", "chosen", reason),)
    refused = not is_again and is_refused(text, offered, words)
    found = _refused(said, text) if refused else _followed(said, text, words)
    if found is None:
        return turn, ()
    return replace(turn, meant=found), (TraceStep("context", "meant", found.why),)


def meant(turn: Turn, own: Language = "en") -> Meant | None:
    """Return what a turn asks in its conversation; None where it is as written."""
    return in_context(turn, own)[0].meant


def goes_on(part: Part, turn: Turn, own: Language = "en") -> bool:
    """Say whether a sentence of a turn does not stand for itself."""
    return kind_of(tokens_of(part.text), part.form, _words(turn, own)) is not None


def _words(turn: Turn, own: Language) -> FollowUps:
    """Return the words of the language that the customer writes.

    Which one that is is a fact about the customer, so all that they wrote counts.
    """
    code = customers_language(turn)
    known = next((one for one in CODES if one == code), None)
    if known is not None:
        return follow_ups(known)
    theirs = (one for one in reversed(turn.history) if one.author is Author.CUSTOMER)
    before = (turn.said(one) for one in islice(theirs, _MOST_EXCHANGES))
    said = [text[:_LONGEST] for text in (*before, turn.text)]
    return follow_ups(language_among(said, own))


def _saying(turn: Turn, text: str) -> Turn:
    """Return the turn as if the customer had said ``text`` alone."""
    return replace(turn, messages=(replace(turn.messages[-1], text=text),))


def _refused(said: Sequence[Exchange], text: str) -> Meant:
    question = said[-1].said or text
    reason = Reason("refused", f"none of the questions just offered is meant: {question}")
    return Meant(question=question, why=reason)


@dataclass(slots=True)
class _Reader:
    """The topic as it goes from sentence to sentence."""

    words: FollowUps
    topic: Topic

    def read(self, text: str) -> tuple[list[str], list[FollowUp]]:
        """Return the sentences that ask for themselves, and what those mean that do not.

        The topic is the last one's afterwards.
        """
        standing: list[str] = []
        following: list[FollowUp] = []
        for part in sentences(text)[-_MOST_SENTENCES:]:
            tokens = tokens_of(part.text)
            kind = kind_of(tokens, part.form, self.words)
            found = follow(part.text, kind, self.topic, self.words) if kind else None
            if found is not None:
                followed, self.topic = found
                following.append(replace(followed, written=part.written))
            elif part.form is not Form.TALK:
                standing += [part.written] * (part.form is not Form.STATEMENT)
                self.topic = topic_of(tokens, self.topic, self.words)
        return standing, following


def _followed(said: Sequence[Exchange], text: str, words: FollowUps) -> Meant | None:
    if not _goes_on(sentences(text), words):
        return None
    reader = _Reader(words, Topic())
    source = ""
    buttons: tuple[Offered, ...] = ()
    for one in said[-_MOST_EXCHANGES:]:
        choice = chosen(one.said, buttons, words) or chosen_again(one.said, buttons, words)
        if one.source != _ADDRESS:  # what is a topic is not whom to write to
            reader.read(choice.text if choice else one.said[-_LONGEST_SAID:])
        buttons = offered_in(one.answer) or (buttons if choice else ())
        source = one.source if _says(one) else source
    standing, following = reader.read(text)
    if not following:
        return None
    asked = " ".join(one.question for one in following)
    about = ", ".join(dict.fromkeys(one.topic for one in following))
    said_before = f"; last answer: {source}" if source else ""
    return Meant(
        question=" ".join([*standing, asked]),
        why=Reason("follow_up", f"meant: {asked} (topic: {about}{said_before})"),
        follow_ups=tuple(following),
        standing=" ".join(standing),
        source="" if standing else source,
        offered=said[-1].offered if said and not standing and not source else (),
    )


def _goes_on(parts: Sequence[Part], words: FollowUps) -> bool:
    """Say whether a message may go on from what was said, or one question of it from another.

    Most stand for themselves, and what was said before need not be read for them. Who tells
    something first ("I need money today. How long does it take?") speaks of that: it is read as one
    story.
    """
    said = [one for one in parts if one.form is not Form.TALK]
    kinds = [kind_of(tokens_of(one.text), one.form, words) for one in said]
    return any(kinds) and all(
        kind is not None or one.is_plain_question for one, kind in zip(said, kinds, strict=True)
    )


def _says(exchange: Exchange) -> bool:
    """Say whether an exchange is about something: small talk and thanks for an address are not.

    What was asked and not answered is: then nothing that was answered before it counts any more.
    """
    source = exchange.source
    if source.startswith("small_talk/") or source == _ADDRESS:
        return False
    return bool(exchange.said.strip())
