"""Guards: reasons to keep out of a conversation.

Each is a plain function from a turn and the policy to a reason, or None; its name is its reason's
code, except for `person_took_over`, whose code is ``person``. They are asked twice: before anything
is decided, and by whoever sends the decision, with the turn as it then is, up to the last moment
before anything leaves. So they must cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from agentbot.pipeline.decision import Reason, Silence
from agentbot.pipeline.files.models import PolicyFile
from agentbot.pipeline.turn import Author, Turn
from agentbot.pipeline.words import say_duration

UNANSWERED = "unanswered"
"""The key under which it is remembered that a conversation was left to people for lack of an
answer. Such a handoff does not silence the bot: the next question may be one that it knows."""

Guard = Callable[[Turn, PolicyFile], Reason | None]


def closed(turn: Turn, _policy: PolicyFile) -> Reason | None:
    """Keep out of what a person has closed meanwhile (a customer's message opens it)."""
    if turn.conversation.status == "closed":
        return Reason("closed", "the conversation is closed")
    return None


def snoozed(turn: Turn, _policy: PolicyFile) -> Reason | None:
    """Keep out for as long as a rule has silenced the bot here."""
    until = turn.memory.snoozed_until
    if until is not None and turn.now < until:
        return Reason("snoozed", f"snoozed for {say_duration(until - turn.now)} more")
    return None


def person_took_over(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out where a person wrote a short while ago: the customer has somebody."""
    last = turn.last_person_at if turn.history else None
    if last is not None and turn.server_now - last < policy.stand_back.after_person:
        ago = say_duration(turn.server_now - last)
        rest = say_duration(policy.stand_back.after_person)
        return Reason("person", f"a person wrote {ago} ago; the bot keeps out for {rest}")
    return None


def assigned(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out of a conversation that is assigned to a person."""
    assignee = turn.conversation.assignee_id
    if assignee is None or not policy.stand_back.while_assigned:
        return None
    if assignee in policy.bots.user_ids:
        return None
    return Reason("assigned", f"the conversation is assigned to user {assignee}")


def handed_over(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out for a while after people were asked to take over: they may be about to write."""
    at = turn.memory.handed_off_at
    if at is None or turn.now - at >= policy.stand_back.after_hand_over:
        return None
    unanswered = turn.memory.fired.get(UNANSWERED)
    if unanswered is not None and unanswered >= at:
        return None
    return Reason(
        "handed_over", f"people were asked to take over {say_duration(turn.now - at)} ago"
    )


def loop(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out where the bot has written too often without a person: two machines talk."""
    breaker = policy.loop_breaker
    if len(turn.history) < breaker.replies:
        return None
    since = turn.server_now - breaker.within
    count = 0
    for message in reversed(turn.history):
        if message.author is Author.PERSON or message.at < since:
            break
        count += message.author is Author.BOT
    if count < breaker.replies:
        return None
    return Reason("loop", f"{count} replies in {say_duration(breaker.within)} without a person")


def empty(turn: Turn, _policy: PolicyFile) -> Reason | None:
    """Keep out where there is nothing to answer: no text, no file."""
    for message in turn.messages:
        if message.attachments or message.text.strip():
            return None
    return Reason("empty", "the message is empty")


GUARDS: tuple[Guard, ...] = (closed, snoozed, person_took_over, assigned, handed_over, loop, empty)


def guard(turn: Turn, policy: PolicyFile) -> Silence | None:
    """Return the first guard's reason to keep out, as a decision; None where the bot may speak."""
    for one in GUARDS:
        reason = one(turn, policy)
        if reason is not None:
            return Silence(reason=reason)
    return None
