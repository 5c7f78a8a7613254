"""Why messages stay without a reply: each excuse of the bot's is held against the world.

The journal says what the bot believed. Here every reason code under which a message stays without
a reply is recomputed from what really happened: what the server holds and since when, what people
did, what was said before, which faults were on, and what each bot's clock showed. The bot is given
what it could not know: the way that news take, and a clock that is wrong. An excuse that the world
does not bear out is a violation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from agentbot.devserver.store.records import Conversation, Message
from agentbot.state.store import TurnRecord
from tests.simulation.history import Custody, oldest_news
from tests.simulation.opening import STALE
from tests.simulation.scripted import SILENT
from tests.simulation.speech import Meaning, is_said_again, meaning_of, said_before
from tests.simulation.turns import Circumstances
from tests.simulation.witness import answers
from tests.simulation.world import START, Sent, World

_STAND_BACK = 1_800.0
"""Seconds: policy.yaml's ``after_person``, ``after_hand_over`` and ``repeat_unanswered_after``."""
_COMES_WITHIN = 300.0
"""Seconds: policy.yaml's ``unless_nobody_comes_within``."""
_LOOP, _LOOP_WITHIN = 12, timedelta(minutes=10)
"""policy.yaml's ``loop_breaker``."""
_FIGURES = re.compile(r"[0-9]+ ?")
"""What may differ in messages that say the same."""
_MAX_AGE = timedelta(hours=24)
"""policy.yaml's ``catch_up.max_age``."""
_SNOOZE = 5.0
"""Seconds for which the scripted responder snoozes."""
_SECOND = 1.0
"""The server's times are in whole seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One record of the journal that leaves a message without a reply."""

    world: World
    conversation: Conversation
    place: int
    record: TurnRecord
    seen: Circumstances
    at: float
    """When it was settled, in truth."""

    @property
    def custody(self) -> Custody:
        """What has been done to the conversation."""
        return self.world.custody.get(self.conversation.id) or Custody()

    @property
    def questions(self) -> list[Message]:
        """The customer's messages that the record covers."""
        found = (self.world.messages.get(id_) for id_ in self.record.message_ids)
        return [message for message in found if message is not None]

    @property
    def clock(self) -> tuple[float, float]:
        """What the bot's clock may have shown when it decided: at the earliest, at the latest."""
        return self.shown(self.seen.decided_since, self.seen.asked_at)

    def shown(self, since: float, until: float) -> tuple[float, float]:
        """Return what the bot's clock showed within that time, at the least and at the most."""
        errors = self.world.processes[self.seen.who].clock_errors_between(since, until)
        return since + min(errors), until + max(errors)

    def server_now(self) -> tuple[datetime, datetime]:
        """Return what the bot may have taken for the server's time when it decided.

        By when it heard the newest message; by its own clock where it found it.
        """
        low, high = self.clock
        newest = max(message.created_at for message in self.questions)
        waited = max(0.0, self.seen.asked_at - self.world.stored_at[self.questions[0].id])
        times = (_moment(low), _moment(high), newest, newest + timedelta(seconds=waited))
        return min(times), max(times)


def unfounded(case: Case) -> str | None:
    """Return what is wrong with a record's reason for saying nothing; None where it is true."""
    record = case.record
    if record.outcome == "handed_off" and record.answer is None:
        return _said_already(case)
    if record.reason_code == "already_answered":
        return _already_answered(case)
    check = _CHECKS.get(record.reason_code)
    if record.outcome not in {"silent", "left"}:
        return f"{record.outcome}, it says, and there is no reply"
    return check(case) if check else "nothing allows it to say nothing for that"


def name(case: Case) -> str:
    """Return under which name a true excuse is counted."""
    return case.record.reason_code


def case_of(world: World, conversation: Conversation, place: int) -> Case:
    """Return the record at that place of the journal, with what is known of it."""
    ledger = world.database.ledger
    at = (ledger.times[place] - START).total_seconds()
    return Case(world, conversation, place, ledger.records[place], ledger.circumstances[place], at)


# One check for each reason code.


def _closed(case: Case) -> str | None:
    since = _news_since(case)
    closing = case.custody.closing(since, case.seen.asked_at)
    if closing is None:
        return f"it was not closed at any time from {since:.3f} to {case.seen.asked_at:.3f}"
    if not closing.by_person and not case.world.database.ledger.lost_after:
        return f"it was the bot itself that closed it at {closing.since:.3f}"
    return None


def _assigned(case: Case) -> str | None:
    since, until = case.seen.read_since, case.seen.asked_at
    if not case.custody.was_of(case.world.people, since, until):
        return f"it was nobody's from {since:.3f} to {until:.3f}"
    return None


def _person(case: Case) -> str | None:
    earliest, _ = case.server_now()
    within = _STAND_BACK if _somebody_is_online(case) else _COMES_WITHIN
    for message in case.conversation.messages:
        is_known = case.world.stored_at[message.id] <= case.seen.asked_at
        passed = (earliest - message.created_at).total_seconds()
        if is_persons(message) and is_known and passed < within:
            return None
    return f"no person had written within the last {within:.0f} s"


def _silent(case: Case) -> str | None:
    questions = case.questions
    newest = max((message.created_at for message in questions), default=None)
    if any("silent" in (m.body or "").split() for m in questions if m.created_at == newest):
        return None
    return "the customer's words do not ask for silence"


def _snoozed(case: Case) -> str | None:
    low, _ = case.clock
    for _, until, meaning in _remembered(case):
        if meaning is Meaning.SNOOZE and low < until + _SNOOZE:
            return None
    return "nothing that was said here has snoozed the bot for so long"


def _handed_over(case: Case) -> str | None:
    low, _ = case.clock
    handed = [one for one in _remembered(case) if one[2] in {Meaning.HANDOFF, Meaning.UNANSWERED}]
    if not handed:
        return "people were never asked to take over"
    _, until, meaning = handed[-1]
    if meaning is Meaning.UNANSWERED:
        return "people were asked for want of an answer, which silences nobody"
    if low - until >= _STAND_BACK:
        return "people were asked to take over half an hour ago"
    if not _somebody_is_online(case) and not _persons_word_is_fresh(case):
        return "people were asked to take over, and nobody was there"
    return None


def _said_already(case: Case) -> str | None:
    """A handoff without a word: that nobody knows has been said a short while ago.

    Once in the usual words; once more in others, while nobody comes.
    """
    words = {word for message in case.questions for word in (message.body or "").split()}
    if not words & {"fail", "pass", "person"}:
        return "a handoff without a word, and there was something to say"
    low, _ = case.clock
    said = {one[2] for one in _remembered(case) if low - one[1] < _STAND_BACK}
    if Meaning.UNANSWERED_AGAIN in said or _was_said_twice(case):
        return None
    if Meaning.UNANSWERED not in said or not words & {"fail", "pass"}:
        return "a handoff without a word, and nothing has been said before"
    if not _somebody_is_online(case) and not _persons_word_is_fresh(case):
        return "a handoff without a word, and nobody was there"
    return None


def _was_said_twice(case: Case) -> bool:
    """Say whether the last word was one that the customer had been given before."""
    words = said_before(case.world, case.conversation.id, until=case.seen.asked_at)
    return any(is_said_again(one) for one in words)


def _already_answered(case: Case) -> str | None:
    """An answer that has lost its mark stands for whatever was written up to its second."""
    if has_unmarked_answer(case.world, case.conversation, case.questions):
        return None
    return "there is no reply, and none without its mark that might be one"


def _loop(case: Case) -> str | None:
    earliest, _ = case.server_now()
    since, count = earliest - _LOOP_WITHIN, 0
    for message in _known(case):
        if is_persons(message) or message.created_at < since:
            break
        count += message.customer_id is None
    return None if count >= _LOOP else f"there were {count} replies, and {_LOOP} make a loop"


def _repeated(case: Case) -> str | None:
    """As many replies as make a loop, however slowly, to messages that differ in figures alone."""
    newest = max(case.questions, key=lambda one: one.created_at)
    said, count = _without_figures(newest), 0
    for message in _known(case):
        if message.customer_id is None and not is_persons(message):
            count += 1
        elif message.customer_id is None or _without_figures(message) != said:
            break
        if count == _LOOP:
            return None
    return f"there were {count} replies to the same words, and {_LOOP} make a loop"


def _without_figures(message: Message) -> str:
    return _FIGURES.sub("", message.body or "")


def _known(case: Case) -> list[Message]:
    """Return what was said by when it was settled, the newest first."""
    known = [
        message
        for message in case.conversation.messages
        if case.world.stored_at[message.id] <= case.seen.asked_at and not message.private
    ]
    return sorted(known, key=lambda one: one.created_at, reverse=True)


def _unconfirmed(case: Case) -> str | None:
    sent = [one for one in _sent(case) if case.seen.claimed_at <= one.at <= case.seen.asked_at]
    wanted = case.world.settings.reply.max_attempts
    if len(sent) < wanted:
        return f"sent {len(sent)} times, and {wanted} are to be tried"
    topics = (case.conversation.id, case.world.account_id)
    lost = sum(case.world.lost_shouts[topic] for topic in topics)
    lost += case.world.drought.shouts[case.seen.who]
    if lost < wanted:
        return f"only {lost} shouts were lost here"
    return None


def _too_old(case: Case) -> str | None:
    _, latest = case.server_now()
    newest = max(message.created_at for message in case.questions)
    if latest - newest > _MAX_AGE:
        return None
    return f"it was {latest - newest} old at most"


def _gone(case: Case) -> str | None:
    deleted_at = case.world.deleted.get(case.conversation.id)
    return None if deleted_at is not None and deleted_at <= case.seen.asked_at else "it is there"


_CHECKS: dict[str, Callable[[Case], str | None]] = {
    "closed": _closed,
    "assigned": _assigned,
    "person": _person,
    "snoozed": _snoozed,
    "handed_over": _handed_over,
    "loop": _loop,
    "repeated": _repeated,
    "unconfirmed": _unconfirmed,
    "too_old": _too_old,
    "gone": _gone,
    "refused": _gone,
    SILENT: _silent,
}
"""What must be true for each reason by which nothing is said; no other reason may stand there."""


# What they share.


def is_persons(message: Message) -> bool:
    """Say whether a person of the account wrote to the customer."""
    return message.user_id is not None and message.type == "reply" and not message.private


def _somebody_is_online(case: Case) -> bool:
    """Say whether a person was online, as far as the bot can have known."""
    since = _news_since(case) - (STALE if case.world.has_outages else 0.0)
    return any(span.touches(since, case.seen.asked_at) for span in case.world.people_online)


def _persons_word_is_fresh(case: Case) -> bool:
    """Say whether a person wrote so short a while ago that they are there, online or not."""
    earliest, _ = case.server_now()
    return any(
        is_persons(message) and (earliest - message.created_at).total_seconds() < _COMES_WITHIN
        for message in case.conversation.messages
    )


def has_its_reply(case: Case) -> bool:
    """Say whether the record's reply is there, and answers some of its messages.

    A claim covers all that is open; what needs no answer by then is settled with the rest.
    """
    return bool(set(case.record.message_ids) & set(_marked(case)))


def has_unmarked_answer(
    world: World, conversation: Conversation, questions: Sequence[Message]
) -> bool:
    """Say whether a reply without its mark may be taken for the answer to these messages.

    Only where the state was lost: it knows which reply answered what.
    """
    if not world.database.ledger.lost_after:
        return False
    asked_at = min((message.created_at for message in questions), default=None)
    return asked_at is not None and any(
        reply.id in world.marks and not answers(reply) and reply.created_at >= asked_at
        for reply in conversation.messages
    )


def seemed_unanswered(world: World, message: Message, replies: Sequence[Message]) -> bool:
    """Say whether nothing told of any of these replies but the last that it answered the message.

    Its mark was lost, then the state with what it knew of it; and by its stamp, of a clock that was
    set back, it is older than the message.
    """
    stored_at, lost_at = world.stored_at, world.database.ledger.lost_at
    return all(
        not answers(reply)
        and reply.created_at < message.created_at
        and any(stored_at[reply.id] <= at <= stored_at[later.id] for at in lost_at)
        for reply, later in pairwise(sorted(replies, key=lambda one: stored_at[one.id]))
    )


def _news_since(case: Case) -> float:
    """Return when that happened at the earliest which the bot went by."""
    world, process = case.world, case.world.processes[case.seen.who]
    stalls = [(since, until) for one, since, until in world.network.stalls if one is process]
    return oldest_news(
        case.seen.read_since,
        case.seen.asked_at,
        way=world.heard_within,
        standstills=[*stalls, *process.standstills],
    )


def _remembered(case: Case) -> Iterator[tuple[float, float, Meaning]]:
    """Yield what the state remembers of earlier answers, oldest first: by which time, and what.

    The time is what the clock showed of the bot that settled it, at the least and at the most.
    """
    ledger = case.world.database.ledger
    first = max((place for place in ledger.lost_after if place <= case.place), default=0)
    for place in range(first, case.place):
        record = ledger.records[place]
        if record.conversation_id != case.conversation.id:
            continue
        meaning = _meaning(case_of(case.world, case.conversation, place))
        if meaning is not None:
            earlier = case_of(case.world, case.conversation, place)
            low, high = earlier.shown(earlier.seen.decided_since, earlier.at)
            yield low, high, meaning


def _meaning(case: Case) -> Meaning | None:
    """Return what a turn that took effect means for later ones."""
    if case.record.outcome not in {"replied", "handed_off"}:
        return None
    if case.record.outcome == "handed_off" and case.record.answer is None:
        # What is said for once is not said again; and it renews what was said before it.
        before = [one[2] for one in _remembered(case)]
        return Meaning.UNANSWERED if Meaning.UNANSWERED in before else Meaning.UNANSWERED_AGAIN
    if case.record.reason_code == "already_answered":
        return None  # by whom, and with what in mind, nobody knows any more
    if not has_its_reply(case):
        return None
    return meaning_of(case.world, case.world.messages[case.record.reply_id or ""])


def _marked(case: Case) -> tuple[str, ...]:
    """Return which messages the reply answers that the record names."""
    return case.world.marks.get(case.record.reply_id or "", ())


def _sent(case: Case) -> list[Sent]:
    covered = set(case.record.message_ids)
    return [
        one
        for one in case.world.sent
        if one.bot == case.seen.who and covered & set(one.message_ids)
    ]


def _moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
