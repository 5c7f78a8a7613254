"""The pipeline: guards, then responders in order; the first that decides wins.

What can be decided at once is: no task, no coroutine. Only a responder that must wait makes
:meth:`Pipeline.decide` return an awaitable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from agentbot.pipeline.beside import Rest
from agentbot.pipeline.contact import (
    GivenAddress,
    broken_address,
    given_address,
    is_broken_address,
    take_address,
    without_address,
)
from agentbot.pipeline.context.meaning import in_context
from agentbot.pipeline.decision import (
    Action,
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
    TraceStep,
)
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.for_people import for_people
from agentbot.pipeline.guards import GUARDS, guard, reserve
from agentbot.pipeline.hours.asked import day_words
from agentbot.pipeline.hours.away import should_be_tracked
from agentbot.pipeline.hours.schedule import account_hours
from agentbot.pipeline.knowledge.search import CachedSearch, Found
from agentbot.pipeline.languages.foreign import read_languages
from agentbot.pipeline.languages.small_talk import read_small_talk
from agentbot.pipeline.mail.phrases import phrases as mail_phrases
from agentbot.pipeline.naming_a_day import with_days_hours
from agentbot.pipeline.offers import LAST_RESORT, WaitingOffer, gives_way, waiting
from agentbot.pipeline.own_words import OwnWords
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.reading import reading
from agentbot.pipeline.repeating import not_word_for_word
from agentbot.pipeline.reserved import is_asked, is_sure
from agentbot.pipeline.responder import Explainer, Preparing, Responder, failed
from agentbot.pipeline.rules.small_talk import read_replies
from agentbot.pipeline.turn import Account, Turn

DecisionT = TypeVar("DecisionT", bound=Decision)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Left:
    """What is left by the responders that did not decide; one of them may have made an offer."""

    steps: tuple[TraceStep, ...]
    actions: tuple[Action, ...] = ()
    fires: tuple[str, ...] = ()
    offer: WaitingOffer | None = None

    def passed(self, name: str, outcome: Pass) -> None:
        """Take what a responder leaves that passes."""
        self.steps += (TraceStep(name, "pass", outcome.reason),)
        self.actions += outcome.actions
        self.fires += outcome.fires

    def unsaid(self, name: str, why: str, decision: Decision) -> None:
        """Note a decision that is not carried out, at least for now."""
        self.steps += (*decision.trace, TraceStep(name, why, decision.reason))


class Pipeline:
    """What makes decisions of turns, by one version of the operator's folder.

    Nothing in it changes; a reload makes a new one.
    """

    def __init__(
        self,
        *,
        prompts: Prompts,
        responders: tuple[Responder, ...],
        sources: FactSources,
        faq: CachedMatcher | None = None,
        search: CachedSearch | None = None,
    ) -> None:
        self._faq = faq
        self._search = search
        self.prompts = prompts
        self.responders = responders
        self._sources = sources
        self._words = OwnWords(prompts, sources)

    @property
    def version(self) -> str:
        """The version of the folder that decides."""
        return self.prompts.version

    def get_ready(self) -> None:
        """Read the words of all languages, and what else the first question would wait for.

        It takes 0.2 s the first time, and is not for the event loop.
        """
        read_languages()
        day_words()
        mail_phrases()
        read_small_talk()
        read_replies()
        for one in self.responders:
            if isinstance(one, Preparing):
                one.get_ready()

    def guard(self, turn: Turn) -> Silence | None:
        """Return the reason to keep out, if there is one.

        `decide` asks it first. Whoever sends the decision asks it again, with the turn as it then
        is, up to the last moment before anything leaves.
        """
        return guard(turn, self.prompts.policy)

    def decide(self, turn: Turn) -> Decision | Awaitable[Decision]:
        """Return the decision on a turn, or an awaitable of it where a responder must wait.

        Never raises: a responder that raises is noted in the trace, and the next one is asked.
        """
        silence = self.guard(turn)
        if silence is not None:
            return replace(silence, trace=(TraceStep("guards", "silence", silence.reason),))
        return self.respond(turn)

    def respond(self, turn: Turn) -> Decision | Awaitable[Decision]:
        """Return what the responders decide on a turn from which no guard keeps out.

        As :meth:`decide`, for callers that have asked the guards already.
        """
        unclear = self.prompts.texts.email_unclear
        if is_broken_address(turn) and (text := self._words.say(unclear, turn)):
            return replace(broken_address(text), trace=reading(turn))
        asking = self._ask(turn, reserve(turn, self.prompts.policy), given_address(turn))
        try:
            waiting = next(asking)
        except StopIteration as ended:
            decision: Decision = ended.value
            return decision
        return _finish(asking, waiting)

    def _ask(
        self, asked: Turn, reserved: Reason | None, given: GivenAddress | None
    ) -> _Asking[Decision]:
        """Ask one responder after the other until one decides.

        ``reserved``: why only what is surely known may be said, where that is so. The language
        model is not asked then: it knows nothing for sure. ``given``: an e-mail address that came
        with the turn; no responder sees it, and where nothing else came that they surely know,
        they are not needed.

        A generator, so that the loop is the same whether a responder must wait or not: it yields
        what is to be awaited and is sent the outcome, or thrown what was raised instead.
        """
        turn = asked if given is None else without_address(asked, given)
        is_alone = given is not None and given.is_alone
        if is_alone:
            reserved = reserved or Reason("email", "the e-mail address that was asked for has come")
        turn, understood = in_context(turn, self.prompts.texts.language)
        if turn.meant is not asked.meant:
            asked = replace(asked, meant=turn.meant)
        left = _Left(reading(asked) + understood)
        if reserved is not None:
            left.steps += (TraceStep("guards", "reserved", reserved),)
        name, decision = "unanswered", None
        if given is None or given.rest:
            name, decision = yield from self._first(turn, reserved, left, is_alone=is_alone)
        if decision is None and left.offer is not None:
            name, decision = left.offer.name, left.offer.reply
        if decision is None and not is_alone:
            decision = self._words.foreign(turn, reserved) or self._words.unanswered(turn, reserved)
        if given is not None:
            thanks = self._words.say(self.prompts.texts.email_thanks, asked)
            name, decision = "email", take_address(given, decision, thanks)
        assert decision is not None  # noqa: S101 - an address that is all that came is a decision
        return self._completed(decision, asked, name, left)

    def _first(  # noqa: PLR0912 - each outcome of a responder is a branch
        self, turn: Turn, reserved: Reason | None, left: _Left, *, is_alone: bool
    ) -> _Asking[tuple[str, Decision | None]]:
        """Return the first decision, and whose it is; None where nobody decides.

        What those before it leave is added to ``left``. ``is_alone``: only an address came.
        """
        members = tuple(one for one in self.responders if is_asked(one, turn, reserved))
        for place, responder in enumerate(members, 1):
            name = responder.name
            if name == LAST_RESORT:
                if left.offer is not None:
                    break
                # Who had an answer has given it, in whatever language; the rest only has excuses.
                if not is_alone and (foreign := self._words.foreign(turn, reserved)):
                    return "language", foreign
            try:
                answer = responder.respond(turn)
                outcome: object = answer if isinstance(answer, _OUTCOMES) else (yield answer)
            except Exception as error:  # noqa: BLE001 - a responder may be anybody's code
                left.steps += (failed(name, error),)
                continue
            if isinstance(outcome, Pass):
                left.passed(name, outcome)
            elif not isinstance(outcome, _DECISIONS):
                problem = TypeError(f"{outcome!r} is neither a decision nor a pass")
                left.steps += (failed(name, problem),)
            elif reserved is not None and not is_sure(outcome, turn):
                left.unsaid(name, "not_sure", outcome)
                if isinstance(outcome, Handoff):  # that people are wanted again is news to them
                    left.actions += outcome.actions
            elif left.offer is None and (waits := waiting(name, outcome, members[place:])):
                left.offer = waits
                left.unsaid(name, "waits", outcome)
            elif left.offer is not None and gives_way(outcome):
                left.offer = left.offer.after(outcome)
                left.unsaid(name, "gives_way", outcome)
            elif name != "rules":
                return name, outcome
            else:
                rest = Rest(
                    rules=responder,
                    others=members,
                    passed_on=lambda: self._words.say(self.prompts.texts.passed_on, turn),
                    is_again=reserved is not None,
                )
                return name, (yield from rest.added_to(outcome, turn))
        return "unanswered", None

    def _completed(self, decision: Decision, turn: Turn, name: str, left: _Left) -> Decision:
        """Return what ``name`` has decided, with what those before it left, and with its trace."""
        step = TraceStep(name, type(decision).__name__.lower(), decision.reason)
        whole = replace(
            decision,
            actions=left.actions + decision.actions,
            fires=left.fires + decision.fires,
            trace=(*left.steps, *decision.trace, step),
        )
        whole = with_days_hours(
            whole, Facts(turn, self._sources), lambda reason: self.hand_off(turn, reason)
        )
        if self.prompts.texts.same_again is not None:
            whole = not_word_for_word(whole, turn, lambda said: self._words.around(said, turn))
        return self._for_people(whole, turn)

    def _for_people(self, decision: DecisionT, turn: Turn) -> DecisionT:
        return for_people(decision, turn, self.prompts.policy, self._faq, self._search)

    def fallback(self, turn: Turn, reason: Reason) -> Handoff:
        """Hand off, with the canned text, a turn on which deciding failed or took too long."""
        return self._for_people(self._words.fallback(turn, reason), turn)

    def hand_off(self, turn: Turn, reason: Reason) -> Handoff:
        """Hand off a turn with the usual words."""
        return self._words.hand_off(turn, reason)

    def one_moment(self, turn: Turn) -> str | None:
        """Return how the customer is asked for a moment, in their language where it is spoken."""
        return self._words.one_moment(turn)

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """Say what every guard and every rule makes of the turn, and why."""
        steps: list[TraceStep] = []
        turn, _ = in_context(turn, self.prompts.texts.language)
        for one in GUARDS:
            reason = one(turn, self.prompts.policy)
            outcome = "silence" if reason else "passes"
            steps.append(
                TraceStep(
                    f"guard/{one.__name__}", outcome, reason or Reason("ok", "nothing against it")
                )
            )
        if (reserved := reserve(turn, self.prompts.policy)) is not None:
            steps.append(TraceStep("guard/reserve", "sure_only", reserved))
        for responder in self.responders:
            if isinstance(responder, Explainer):
                steps.extend(responder.explain(turn))
        return tuple(steps)

    async def passages(self, text: str) -> tuple[Found, ...]:
        """Return the passages that are near to ``text``, best first; none where nothing is."""
        return () if self._search is None else await self._search.find_later(text)

    def is_outside_hours(
        self, *, now: datetime, account: Account, inbox_id: str | None = None
    ) -> bool:
        """Say whether it is outside hours, by hours.yaml or else by the account."""
        hours = self.prompts.hours or account_hours(account)
        return not hours.is_open(now, inbox_id)

    def should_be_tracked(self, *, now: datetime, account: Account) -> bool:
        """Say whether the bot should be seen online now."""
        outside = self.is_outside_hours(now=now, account=account)
        return should_be_tracked(self.prompts.policy.presence, outside_hours=outside)


async def _finish(asking: _Asking[Decision], waiting: Awaitable[Decision | Pass]) -> Decision:
    """Await whatever ``asking`` waits for, ``waiting`` first, until it has a decision."""
    try:
        while True:
            try:
                outcome = await waiting
            except Exception as error:  # noqa: BLE001 - a responder may be anybody's code
                waiting = asking.throw(error)
            else:
                waiting = asking.send(outcome)
    except StopIteration as ended:
        decision: Decision = ended.value
        return decision


_Asking = Generator[Awaitable[Decision | Pass], Decision | Pass, _T]
_DECISIONS = (Reply, Handoff, Silence)
_OUTCOMES = (*_DECISIONS, Pass)
