"""Guards: reasons to keep out of a conversation.

Each is a plain function from a turn and the policy to a reason, or None; its name is its reason's
code, except for `person_took_over`, whose code is ``person``. They are asked twice: before anything
is decided, and by whoever sends the decision, with the turn as it then is, up to the last moment
before anything leaves. So they must cost next to nothing.

Three of them stand back for people. Where no person is there, standing back would be silence: then
they let the turn pass, and :func:`reserve` says that only what is surely known may be said.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agentbot.pipeline.contact import email_actions, given_address
from agentbot.pipeline.decision import Reason, Silence
from agentbot.pipeline.files.models import PolicyFile
from agentbot.pipeline.mail.automatic import why_automatic
from agentbot.pipeline.turn import Author, Message, Turn
from agentbot.pipeline.words import fold, is_blank, say_duration

UNANSWERED = "unanswered"
"""The key under which it is remembered that a conversation was left to people for lack of an
answer. Such a handoff does not silence the bot: the next question may be one that it knows."""

UNANSWERED_AGAIN = "unanswered_again"
"""The key under which it is remembered that, people having been asked already, there was no answer
to a later question either. It renews no handoff: that one is still waited for."""

_FIGURES = re.compile(r"\d+ ?")

Guard = Callable[[Turn, PolicyFile], Reason | None]


def assigned_by_bot(user_id: int) -> str:
    """Return the key under which it is remembered that the bot itself has given a conversation to
    this user, who may not know of it yet."""
    return f"assigned_by_bot:{user_id}"


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
    return _unless_nobody_comes(_after_person, turn, policy)


def assigned(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out of a conversation that is assigned to a person."""
    reason, assignee = _while_assigned(turn, policy), turn.conversation.assignee_id
    if assignee is None or assigned_by_bot(assignee) not in turn.memory.fired:
        return reason  # whoever took it knows that they have it
    return None if nobody_comes(turn, policy) else reason


def handed_over(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out for a while after people were asked to take over: they may be about to write.

    For the address that was asked for with that, the bot thanks.
    """
    reason = _unless_nobody_comes(_after_hand_over, turn, policy)
    return None if reason is not None and _gives_address_alone(turn) else reason


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


def repeated(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Keep out where the bot has answered the same again and again, however slowly: a machine.

    Figures in it may differ: machines write dates, times and numbers. Messages without words, such
    as files, do not count.
    """
    most = policy.loop_breaker.replies
    if len(turn.history) < 2 * most:
        return None
    first = _gist(turn, turn.messages[-1])
    replies = 0
    for message in (*reversed(turn.messages[:-1]), *reversed(turn.history)):
        if message.author is Author.BOT:
            replies += 1
        elif message.author is Author.PERSON or not first or _gist(turn, message) != first:
            return None
        if replies >= most:
            return Reason("repeated", f"{replies} replies to messages that all say the same")
    return None


def _gist(turn: Turn, message: Message) -> str:
    """Return the words of a message without its figures."""
    return _FIGURES.sub("", fold(turn.said(message))).strip()


def automatic(turn: Turn, _policy: PolicyFile) -> Reason | None:
    """Keep out where all that came are automatic mails: an answer to one may begin a loop."""
    why = ""
    for message in turn.messages:
        why = _why_automatic(turn, message)
        if not why:
            return None
    return Reason("automatic", f"no person sent the mail: {why}")


def _why_automatic(turn: Turn, message: Message) -> str:
    if not turn.is_mail(message):
        return ""
    return why_automatic(
        message.metadata,
        subject=turn.conversation.subject if turn.is_first else "",
        sender=turn.customer.email or "",
        text=message.text,
    )


def empty(turn: Turn, _policy: PolicyFile) -> Reason | None:
    """Keep out where there is nothing to answer: no text, no file."""
    for message in turn.messages:
        if message.attachments or not is_blank(message.text):
            return None
    return Reason("empty", "the message is empty")


GUARDS: tuple[Guard, ...] = (
    closed,
    snoozed,
    person_took_over,
    assigned,
    handed_over,
    loop,
    repeated,
    automatic,
    empty,
)


def reserve(turn: Turn, policy: PolicyFile) -> Reason | None:
    """Return why only what is surely known may be said now; None where all may.

    For turns from which no guard keeps out.
    """
    for one in (_after_person, _while_assigned, _after_hand_over):
        reason = one(turn, policy)
        if reason is not None:
            why = nobody_comes(turn, policy) or "the e-mail address that was asked for has come"
            return Reason("nobody_comes", f"{reason.text}, but {why}: only a sure answer is given")
    return None


def nobody_comes(turn: Turn, policy: PolicyFile) -> str | None:
    """Return why no person is to be expected soon; None where one may come.

    Somebody who wrote within ``unless_nobody_comes_within`` is there, whether the room's presence
    shows them or not: people answer from their phones too, and reload their pages.
    """
    within = policy.stand_back.unless_nobody_comes_within
    last = turn.last_person_at if turn.history else None
    quiet = None if last is None else turn.server_now - last
    if quiet is not None and quiet < within:
        return None
    if turn.agents_online == 0:
        return "nobody is online"
    at = turn.memory.handed_off_at
    waited = None if at is None else turn.now - at
    if waited is None or waited < within or (quiet is not None and quiet < waited):
        return None
    return f"nobody has come for {say_duration(waited)}"


def guard(turn: Turn, policy: PolicyFile) -> Silence | None:
    """Return the first guard's reason to keep out, as a decision; None where the bot may speak.

    An e-mail address that comes meanwhile is taken without a word.
    """
    for one in GUARDS:
        reason = one(turn, policy)
        if reason is not None:
            return Silence(reason=reason, actions=email_actions(turn))
    return None


def _gives_address_alone(turn: Turn) -> bool:
    given = given_address(turn)
    return given is not None and given.is_alone


def _unless_nobody_comes(standing_back: Guard, turn: Turn, policy: PolicyFile) -> Reason | None:
    reason = standing_back(turn, policy)
    return reason if reason is None or not nobody_comes(turn, policy) else None


def _after_person(turn: Turn, policy: PolicyFile) -> Reason | None:
    last = turn.last_person_at if turn.history else None
    if last is not None and turn.server_now - last < policy.stand_back.after_person:
        ago = say_duration(turn.server_now - last)
        rest = say_duration(policy.stand_back.after_person)
        return Reason("person", f"a person wrote {ago} ago; the bot keeps out for {rest}")
    return None


def _while_assigned(turn: Turn, policy: PolicyFile) -> Reason | None:
    assignee = turn.conversation.assignee_id
    if assignee is None or not policy.stand_back.while_assigned:
        return None
    if assignee in policy.bots.user_ids:
        return None
    return Reason("assigned", f"the conversation is assigned to user {assignee}")


def _after_hand_over(turn: Turn, policy: PolicyFile) -> Reason | None:
    at = turn.memory.handed_off_at
    if at is None or turn.now - at >= policy.stand_back.after_hand_over:
        return None
    unanswered = turn.memory.fired.get(UNANSWERED)
    if unanswered is not None and unanswered >= at:
        return None
    return Reason(
        "handed_over", f"people were asked to take over {say_duration(turn.now - at)} ago"
    )
