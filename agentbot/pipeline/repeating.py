"""What is done about a reply that has just been given, word for word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agentbot.pipeline.decision import Decision, Handoff, Reason, Reply, Silence, TraceStep
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.foreign import foreign_words, language_of
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.turn import Author, Turn


@dataclass(frozen=True, slots=True)
class Around:
    """The sentences around a text that is said again.

    ``again`` stands before it ("As I wrote above:"; None: it may be repeated as it is), and
    ``handoff`` instead of it the third time.
    """

    again: str | None
    handoff: str | None


def around_in_other(said: str, own: Language) -> Around | None:
    """Return the sentences in the language of a text; None where that is not plain, or ``own``.

    So that a translation, or a language model's reply, is not mixed with the texts' own language.
    """
    code = language_of(said)
    if code is None or code == own:
        return None
    again = next((load_pack(one).texts.same_again for one in CODES if one == code), None)
    return Around(again, foreign_words()[code].handed_over)


def not_word_for_word(decision: Decision, turn: Turn, around: Callable[[str], Around]) -> Decision:
    """Return the decision so that it does not say what was said last as if it were new.

    The second time it is said so before the text. Whoever asks a third time is not helped by it,
    and is left to people; a handoff that was said twice is made without a word. ``around`` returns
    the sentences for a text.
    """
    last = turn.last_said
    text = None if isinstance(decision, Silence) else decision.text
    if last is None or last.author is not Author.BOT or not text or not _may_be_in(text, last.text):
        return decision
    sentences = around(text)
    if sentences.again is None or isinstance(decision, Silence):
        return decision
    marked = f"{sentences.again} {text}"
    if _is_same(last.text, text):
        step = TraceStep("same_again", "marked", Reason("same_again", "it was the last thing said"))
        return replace(decision, text=marked, trace=(*decision.trace, step))
    if not _is_same(last.text, marked):
        return _with_part_marked(decision, last.text.strip(), f"{sentences.again} ")
    reason = Reason("same_again", "it was said twice in a row and has not helped")
    trace = (*decision.trace, TraceStep("same_again", "handoff", reason))
    if isinstance(decision, Handoff):
        return replace(decision, text=None, trace=trace)
    return Handoff(
        reason=reason,
        text=sentences.handoff,
        by=decision.by,
        source=decision.source,
        actions=decision.actions,
        fires=decision.fires,
        trace=trace,
        cost=decision.cost,
        gap=True,
    )


def _may_be_in(text: str, said: str) -> bool:
    """Say whether a text may be what was said last, or hold it: most hold nothing of each other.

    It is asked first, since the sentences around a text are templates.
    """
    now, before = " ".join(text.split()), " ".join(said.split())
    return before.endswith(now) or before in now


def _with_part_marked(decision: Reply | Handoff, said: str, again: str) -> Decision:
    """Return the decision with that part of its text marked that was the last thing said.

    Two questions may get two answers, of which one has just been given.
    """
    parts = f"\n\n{decision.text}\n\n"
    if not said or f"\n\n{said}\n\n" not in parts:
        return decision
    text = parts.replace(f"\n\n{said}\n\n", f"\n\n{again}{said}\n\n", 1).strip()
    step = TraceStep("same_again", "marked", Reason("same_again", "a part was the last thing said"))
    return replace(decision, text=text, trace=(*decision.trace, step))


def _is_same(one: str, other: str) -> bool:
    """Say whether two texts have the same words, whatever a server made of their spaces."""
    return one == other or one.split() == other.split()
