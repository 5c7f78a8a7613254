"""What a decision leaves for people: by default a handoff leaves a tag, a note and a message.

On Papercups' own dashboard nothing shows why a conversation was left to people, so the bot says it
where people look. It says it once a handoff: what follows while they are waited for is in the
conversation already, and one short note at most is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from agentbot.pipeline.decision import Action, AddTag, Decision, Handoff, Note, Notify
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome, FaqSuggestions
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.files.models import PolicyFile
from agentbot.pipeline.knowledge.offering import shown
from agentbot.pipeline.knowledge.passage import PAGE
from agentbot.pipeline.knowledge.search import CachedSearch
from agentbot.pipeline.turn import Turn

DecisionT = TypeVar("DecisionT", bound=Decision)

_MAX_QUESTION = 600
"""Characters of the question that a note repeats: enough to know it again, and a line or two more;
the whole stands above the note."""
_MAX_ERROR = 200
"""Characters of an error that a note repeats: a line or two."""
_MAX_NAME = 80
"""Characters of a customer's name in a message: anybody may call themselves anything."""
_MAX_NEAREST = 3
"""Entries that a note names: who looks for the answer needs no more than an offer holds."""
_LEAST_PROBABILITY = 0.1
"""The probability below which an entry is not named: it has nothing to do with the question."""


def for_people(
    decision: DecisionT,
    turn: Turn,
    policy: PolicyFile,
    faq: CachedMatcher | None,
    search: CachedSearch | None = None,
) -> DecisionT:
    """Return the decision with what it leaves for people; ``search`` finds pages for them.

    A handoff gets what ``on_hand_over`` of the policy says and no rule has said already. Notes
    become one, and a message without words gets them.
    """
    actions = decision.actions
    if isinstance(decision, Handoff):
        actions = (*_left_by_default(decision, turn, policy, faq, search), *actions)
    if not any(isinstance(action, Note | Notify) for action in actions):
        return decision if actions == decision.actions else replace(decision, actions=actions)
    said = Notify(_message(decision, turn))
    worded = (said if action == Notify() else action for action in actions)
    return replace(decision, actions=tuple(_with_one_note(worded)))


def _left_by_default(
    decision: Handoff,
    turn: Turn,
    policy: PolicyFile,
    faq: CachedMatcher | None,
    search: CachedSearch | None,
) -> Iterator[Action]:
    wanted, own = policy.on_hand_over, decision.actions
    is_first = not _is_waited_for(turn, policy)
    if not (is_first or decision.text):
        return  # people have been told, and the customer hears nothing new either
    if wanted.tag and AddTag(wanted.tag) not in own:
        yield AddTag(wanted.tag)
    if wanted.note and not any(isinstance(action, Note) for action in own):
        said = _note(decision, turn, faq, search)
        yield Note(said if is_first else f"Asked as well:\n\n{_quote(turn)}")
    if wanted.notify and is_first and not any(isinstance(action, Notify) for action in own):
        yield Notify()


def _is_waited_for(turn: Turn, policy: PolicyFile) -> bool:
    """Say whether people were asked a short while ago, and are waited for."""
    at = turn.memory.handed_off_at
    return at is not None and turn.now - at < policy.stand_back.after_hand_over


def _note(
    decision: Handoff, turn: Turn, faq: CachedMatcher | None, search: CachedSearch | None
) -> str:
    parts = [f"**Left to people:** {decision.reason.text}", _quote(turn)]
    if turn.meant is not None:
        parts.append(f"After what was said before: {turn.meant.why.text}")
    # A look that takes a thread of its own is not begun for a note.
    if faq is not None and not turn.is_blank and faq.is_ready(turn.question):
        try:
            near = list(_nearest(faq.match(turn.question)))[:_MAX_NEAREST] or ["- nothing"]
        except Exception as error:  # noqa: BLE001 - a matcher may be anybody's code
            near = [f"- could not be found: {error!r}"[:_MAX_ERROR]]
        parts.append("\n".join(["Nearest in the FAQ:", *near]))
    if search is not None and not turn.is_blank and search.is_ready(turn.question):
        found = (one.passage for one in search.find(turn.question))
        pages = [f"- {shown(page)}" for page in found if page.id.startswith(PAGE)]
        if pages:
            parts.append("\n".join(["Pages that may help:", *pages[:_MAX_NEAREST]]))
    return "\n\n".join(parts)


def _nearest(outcome: FaqOutcome) -> Iterator[str]:
    if isinstance(outcome, FaqAnswer):
        yield f"- {outcome.entry.question} (`{outcome.entry.id}`)"
    elif isinstance(outcome, FaqAnswers | FaqSuggestions):
        for entry in outcome.entries:
            yield f"- {entry.question} (`{entry.id}`)"
    else:
        for one in outcome.nearest:
            if one.prob >= _LEAST_PROBABILITY:
                yield f"- {one.question} (`{one.id}`)"


def _quote(turn: Turn) -> str:
    """Return the question as a quotation in markdown, cut where it is long."""
    files = sum(message.attachments for message in turn.messages)
    lines = [f"> {line}" for line in _shortened(turn.text).splitlines() if line.strip()]
    if files:
        lines.append(f"> ({files} file{'s' if files > 1 else ''})")
    return "\n".join(lines)


def _message(decision: Decision, turn: Turn) -> str:
    """Return what is said outside Papercups: plain text, in Slack's markup."""
    who = " ".join((turn.customer.name or "").split())[:_MAX_NAME] or "A customer"
    said = _shortened(turn.text) or "(a file)"
    lines = [f"{who} waits for an answer: {decision.reason.text}"]
    lines += [f"> {line}" for line in said.splitlines() if line.strip()]
    return "\n".join(lines)


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_QUESTION else f"{text[:_MAX_QUESTION]} …"


def _with_one_note(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield the actions with all notes in the first one's place: people read one, not three."""
    kept = list(actions)
    text = "\n\n".join(action.text for action in kept if isinstance(action, Note))
    is_left = False
    for action in kept:
        if not isinstance(action, Note):
            yield action
        elif not is_left:
            is_left = True
            yield Note(text)
