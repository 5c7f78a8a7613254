"""The facts of a turn, on which rules and templates rest: each is computed when first needed.

A fact is never null: an unknown text is ``""``, an unknown time lies infinitely far away, so that
``minutes_since_person > 30`` also holds where no person ever wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.asked import AskedDays
from agentbot.pipeline.hours.away import AwaySpeaker, who_says_away
from agentbot.pipeline.hours.on_day import days_named, hours_in_words
from agentbot.pipeline.hours.schedule import (
    DAYS,
    Hours,
    Schedule,
    TimeWords,
    account_hours,
    say_when,
    zone_or_none,
)
from agentbot.pipeline.hours.week import week_in_words
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.lookups import FaqLookup, PassageLookup
from agentbot.pipeline.mail.automatic import headers_of
from agentbot.pipeline.names import first_name, is_placeholder
from agentbot.pipeline.own_messages import offered_in
from agentbot.pipeline.turn import Author, Conversation, Customer, Message, Turn
from agentbot.pipeline.words import plain

_MOST_BEFORE = 12
"""Messages before a turn in which the day that was named last is looked for: a few exchanges."""
_MAX_CLAIM = 200
"""Characters of a name or address that a customer claims: it may stand in a reply."""
_MAX_DEPTH = 4
"""Levels of metadata: deeper than pages send it, and no recursion that an engine could die of."""
_MAX_ITEMS = 100
"""Items of one mapping or list of metadata: more than conditions ask for, and quickly copied."""
_MAX_TEXT = 2_000
"""Characters of a text in metadata: as long as a condition may be itself."""


@dataclass(frozen=True, slots=True)
class FactSources:
    """What facts need beside the turn. ``hours`` of None: the account's own hours count.

    ``company`` holds the name and the facts of company.yaml;
    ``denied`` returns what the negations of a text deny; None: no negation is known. ``language``
    is that of ``words``.
    """

    words: TimeWords
    language: Language = "en"
    hours: Hours | None = None
    faq: FaqLookup | None = None
    passages: PassageLookup | None = None
    company: Mapping[str, str] = field(default_factory=dict)
    denied: Callable[[str], str] | None = None


class Facts(dict[str, Any]):
    """The facts of one turn, by root name. Each is computed once, when first asked for."""

    __slots__ = ("_days", "_sources", "_turn")

    def __init__(self, turn: Turn, sources: FactSources) -> None:
        super().__init__()
        self._turn = turn
        self._sources = sources
        self._days: AskedDays | None = None

    def __missing__(self, name: str) -> object:
        value = self[name] = _COMPUTE[name](self)
        return value

    @property
    def turn(self) -> Turn:
        """The turn that the facts are about."""
        return self._turn

    @property
    def sources(self) -> FactSources:
        """What the facts rest on beside the turn."""
        return self._sources

    @property
    def hours(self) -> Hours:
        """The hours that count for this turn."""
        return self._sources.hours or account_hours(self._turn.account)

    @property
    def schedule(self) -> Schedule:
        """The schedule that counts for this turn's inbox."""
        return self.hours.schedule(self._turn.conversation.inbox_id)

    def usual_hours(self) -> str:
        """Return the usual week's hours in words; "" where it is never closed, or never open."""
        return week_in_words(self.schedule, self._sources.words.week)

    def days_named(self) -> AskedDays:
        """Return the days that the question names; none where it is never closed."""
        if self._days is None:
            self._days = self._read_days()
        return self._days

    def _read_days(self) -> AskedDays:
        if self.schedule.zone is None:
            return AskedDays()
        codes = (customers_language(self._turn), self._sources.language)
        return days_named(
            _asked(self._turn),
            today=self.at_shop().date(),
            codes=[known for known in CODES if known in codes],
            schedule=self.schedule,
            before=_said_before(self._turn),
        )

    def at_shop(self) -> datetime:
        """Return the turn's time on the shop's clock."""
        zone = self.hours.zone(self._turn.conversation.inbox_id)
        return self._turn.now.astimezone(zone or UTC)


def _asked(turn: Turn) -> Iterator[str]:
    """Yield what a turn says, what it means, and what an offer was made for that it takes.

    "Are you open on 25 December?" may be answered by a question that names no day.
    """
    yield turn.text
    if turn.question != turn.text:
        yield turn.question
    last = next(turn.going_back(), None)
    if any(one.text == turn.text.strip() for one in offered_in(last)):
        said = (one for one in turn.going_back() if one.author is Author.CUSTOMER)
        yield from (turn.said(one) for one in islice(said, 1))


def _said_before(turn: Turn) -> Iterator[str]:
    """Yield what the customer wrote of this topic before the turn, newest first."""
    for one in islice(turn.going_back(), _MOST_BEFORE):
        if one.author is Author.CUSTOMER and not one.private:
            yield turn.said(one)


def _minutes_since(turn: Turn, author: Author) -> float:
    times = [message.at for message in turn.history if message.author is author]
    if not times:
        return float("inf")
    return max(0.0, (turn.server_now - max(times)) / timedelta(minutes=1))


def _turns(history: tuple[Message, ...]) -> int:
    count, before = 1, Author.BOT
    for message in history:
        if message.author is Author.CUSTOMER and before is not Author.CUSTOMER:
            count += 1
        before = message.author
    # The history may end with the customer's own unanswered words: they belong to this turn.
    return count - (before is Author.CUSTOMER)


def _reopens_at(facts: Facts) -> str:
    turn = facts.turn
    inbox = turn.conversation.inbox_id
    opening = facts.hours.next_opening(turn.now, inbox)
    if opening is None:
        return ""
    theirs = zone_or_none(turn.customer.time_zone)  # the page may claim anything
    zone = theirs or facts.hours.zone(inbox) or UTC
    return say_when(
        opening, now=turn.now, zone=zone, words=facts.sources.words, name_zone=theirs is None
    )


def _claim(text: str | None) -> str:
    """Return a customer's claim, short and on one line."""
    return " ".join((text or "").split())[:_MAX_CLAIM]


def _plain(value: object, depth: int = 0) -> object:
    """Return metadata cut to what a condition may need: anybody can write any."""
    if isinstance(value, Mapping):
        if depth >= _MAX_DEPTH:
            return {}
        items = islice(value.items(), _MAX_ITEMS)
        return {str(key): _plain(inner, depth + 1) for key, inner in items}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value[:_MAX_ITEMS]] if depth < _MAX_DEPTH else []
    return value[:_MAX_TEXT] if isinstance(value, str) else value


def _customer(customer: Customer) -> dict[str, Any]:
    name = _claim(customer.name)
    name = "" if is_placeholder(name) else name
    languages = (customer.metadata.get(key) for key in ("language", "locale", "lang"))
    return {
        "name": name,
        "first_name": first_name(name),
        "email": _claim(customer.email),
        "page": _claim(customer.page),
        "time_zone": customer.time_zone or "",
        "language": next((one for one in languages if isinstance(one, str)), ""),
        "metadata": _plain(customer.metadata),
    }


def _conversation(conversation: Conversation) -> dict[str, Any]:
    return {
        "source": conversation.source,
        "status": conversation.status,
        "inbox": conversation.inbox_id or "",
        "priority": conversation.priority == "priority",
        "tags": list(conversation.tags),
        "assigned": conversation.assignee_id is not None,
        "assignee": conversation.assignee_id or 0,
        "metadata": _plain(conversation.metadata),
    }


def _mail(turn: Turn) -> dict[str, Any]:
    message = turn.messages[-1]
    headers = headers_of(message.metadata) if turn.is_mail(message) else {}
    known = {
        name: one for name in ("subject", "from", "to") if isinstance(one := headers.get(name), str)
    }
    return {
        "subject": _claim(known.get("subject") or turn.conversation.subject),
        "sender": _claim(known.get("from")),
        "to": _claim(known.get("to")),
        "headers": _plain(headers),
    }


def _reply_action(turn: Turn) -> str:
    action = turn.messages[-1].metadata.get("reply_action")
    return action if isinstance(action, str) else ""


def _opening_hours(facts: Facts) -> str:
    return _with_zone(facts.usual_hours(), facts)


def _with_zone(said: str, facts: Facts) -> str:
    """Return hours with the name of the shop's zone, for a customer who lives in another one."""
    theirs = zone_or_none(facts.turn.customer.time_zone)
    here = facts.at_shop()
    # Other times stand in the customer's own zone: these must not be taken for such.
    elsewhere = theirs is not None and here.astimezone(theirs).utcoffset() != here.utcoffset()
    return f"{said} ({facts.sources.words.zones.name(here)})" if said and elsewhere else said


def _hours_on_day(facts: Facts) -> str:
    days, sources = facts.days_named(), facts.sources
    if days.is_unclear or not days.days:
        return ""
    said = hours_in_words(days.days, facts.schedule, sources.words, sources.language)
    is_open = any(facts.schedule.spans(day) for day in days.days)
    return _with_zone(said, facts) if is_open else said


def _company(facts: Facts) -> dict[str, str]:
    return {"name": facts.turn.account.name or "", **facts.sources.company}


def _faq(facts: Facts) -> dict[str, Any]:
    lookup = facts.sources.faq
    entry, score, answered = lookup.nearest(facts.turn.text) if lookup else ("", 0.0, False)
    return {"id": entry, "score": score, "answered": answered}


def _passage(facts: Facts) -> dict[str, Any]:
    lookup = facts.sources.passages
    found = lookup.best(facts.turn.question) if lookup else ("", "", "", 0.0)
    return dict(zip(("id", "title", "link", "score"), found, strict=True))


def _away(facts: Facts) -> bool:
    turn = facts.turn
    speaker = who_says_away(
        outside_hours=facts["outside_hours"],
        agents_online=turn.agents_online,
        bot_tracked=turn.bot_tracked,
        has_away_message=bool(turn.account.away_message),
    )
    return speaker is AwaySpeaker.BOT


def _denied(facts: Facts) -> str:
    denied = facts.sources.denied
    return "" if denied is None else denied(facts["text"])


_COMPUTE: dict[str, Callable[[Facts], Any]] = {
    "denied": _denied,
    "text": lambda facts: plain(facts.turn.text),
    "first_message": lambda facts: facts.turn.is_first,
    "turns": lambda facts: _turns(facts.turn.history),
    "attachments": lambda facts: sum(message.attachments for message in facts.turn.messages),
    "reply_action": lambda facts: _reply_action(facts.turn),
    "minutes_since_person": lambda facts: _minutes_since(facts.turn, Author.PERSON),
    "minutes_since_bot": lambda facts: _minutes_since(facts.turn, Author.BOT),
    "agents_online": lambda facts: facts.turn.agents_online,
    "nobody_online": lambda facts: facts.turn.agents_online == 0,
    "inside_hours": lambda facts: facts.hours.is_open(
        facts.turn.now, facts.turn.conversation.inbox_id
    ),
    "outside_hours": lambda facts: not facts["inside_hours"],
    "away": _away,
    "minutes_until_open": lambda facts: facts.hours.minutes_until_open(
        facts.turn.now, facts.turn.conversation.inbox_id
    ),
    "opening_hours": _opening_hours,
    "hours_on_day": _hours_on_day,
    "day_unclear": lambda facts: facts.days_named().is_unclear,
    "reopens_at": _reopens_at,
    "weekday": lambda facts: DAYS[facts.at_shop().weekday()],
    "hour": lambda facts: facts.at_shop().hour,
    "date": lambda facts: facts.at_shop().date().isoformat(),
    "conversation": lambda facts: _conversation(facts.turn.conversation),
    "customer": lambda facts: _customer(facts.turn.customer),
    "mail": lambda facts: _mail(facts.turn),
    "account": lambda facts: {"name": facts.turn.account.name or ""},
    "company": _company,
    "faq": _faq,
    "passage": _passage,
}
