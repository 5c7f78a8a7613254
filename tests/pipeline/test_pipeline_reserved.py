"""The pipeline where people were asked and nobody comes: what is surely known is still said.

Everything else is said not to be known, once, in other words than the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from inspect import isawaitable
from pathlib import Path

import pytest

from agentbot.pipeline.decision import (
    AddTag,
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
)
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.guards import UNANSWERED, UNANSWERED_AGAIN
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Memory, Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import folder
from tests.support.turns import MONDAY_NOON, message, turn

MINUTE = timedelta(minutes=1)
ASKED = Memory(handed_off_at=MONDAY_NOON - MINUTE)
"""The memory of a conversation that a rule has just left to people."""

RULES = """\
rules:
  - id: norway
    keywords: norway
    reply: We do.
  - id: person
    keywords: [person]
    reply: I'll get somebody.
    hand_over: true
    assign: ann@example.com
    tag: wants-a-person
  - id: order
    keywords: order
    reply: Somebody will look it up.
    hand_over: true
  - id: hush
    keywords: hush
    silent: true
otherwise:
  - id: away
    reply: We are closed.
    hand_over: true
"""

SHIPPING = FaqEntry("shipping", "Do you ship?", "We ship everywhere.")
RETURNS = FaqEntry("returns", "Can I return it?", "Within 30 days.")


class Model:
    """A language model that always has something to say, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
    ) -> Completion:
        """Answer."""
        del messages, seconds
        self.asked += 1
        return Completion("I should think so.", 1, 1)


class Own:
    """A responder of the operator's own, which decides what the test wants."""

    name = "own"

    def __init__(self, decision: Decision | Pass) -> None:
        self._decision = decision

    def respond(self, _turn: Turn) -> Decision | Pass:
        """Return it."""
        return self._decision


def matching(outcome: FaqOutcome | None = None) -> FakeMatcher:
    """Return a matcher with one outcome for everything; by default nothing is near."""
    return FakeMatcher(outcome or FaqAbstention((), 0.0, "nothing near"))


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Return the pipeline of the rules above."""
    return build_pipeline(load_prompts(folder(tmp_path, rules=RULES)))


async def decide(pipeline: Pipeline, asked: Turn) -> Decision:
    """Return the decision."""
    outcome = pipeline.decide(asked)
    return await outcome if isawaitable(outcome) else outcome


async def test_a_rules_answer_is_given_right_after_a_handoff(pipeline: Pipeline) -> None:
    """With nobody online; and the trace says why nobody was stood back for."""
    decision = await decide(pipeline, turn("Do you ship to Norway?", memory=ASKED))
    assert isinstance(decision, Reply)
    assert decision.text == "We do."
    assert decision.trace[0].name == "guards"
    assert decision.trace[0].outcome == "reserved"
    assert "nobody is online" in decision.trace[0].reason.text


async def test_with_somebody_online_the_bot_stands_back(pipeline: Pipeline) -> None:
    """As long as they may still come."""
    silence = await decide(pipeline, turn("Norway?", memory=ASKED, agents_online=1))
    assert isinstance(silence, Silence)
    assert silence.reason.code == "handed_over"
    later = Memory(handed_off_at=MONDAY_NOON - 6 * MINUTE)
    assert isinstance(await decide(pipeline, turn("Norway?", memory=later, agents_online=1)), Reply)


async def test_the_policy_says_how_long_people_are_waited_for(tmp_path: Path) -> None:
    """Half an hour for people without the key stands for five minutes."""
    prompts = load_prompts(folder(tmp_path, rules=RULES))
    assert prompts.policy.stand_back.unless_nobody_comes_within == 5 * MINUTE
    patient = prompts.policy.stand_back.model_copy(
        update={"unless_nobody_comes_within": 10 * MINUTE}
    )
    policy = prompts.policy.model_copy(update={"stand_back": patient})
    pipeline = build_pipeline(replace(prompts, policy=policy))
    for minutes, kind in ((9, Silence), (10, Reply)):
        memory = Memory(handed_off_at=MONDAY_NOON - minutes * MINUTE)
        asked = turn("Norway?", memory=memory, agents_online=1)
        assert isinstance(await decide(pipeline, asked), kind)


async def test_what_is_not_known_is_said_once_in_other_words(pipeline: Pipeline) -> None:
    """And renews no handoff: the memory of what was said keeps it from being said a third time."""
    first = await decide(pipeline, turn("Which glaze?", memory=ASKED))
    assert isinstance(first, Handoff)
    assert first.text is not None
    assert first.text.startswith("I have no answer to that.")
    assert first.reason.code == "unanswered"
    assert first.gap
    assert first.fires == (UNANSWERED_AGAIN,)
    again = replace(ASKED, fired={UNANSWERED_AGAIN: MONDAY_NOON - MINUTE})
    second = await decide(pipeline, turn("And that?", memory=again))
    assert isinstance(second, Handoff)
    assert second.text is None
    assert second.fires == (UNANSWERED_AGAIN,)
    long_ago = replace(ASKED, fired={UNANSWERED_AGAIN: MONDAY_NOON - 30 * MINUTE})
    third = await decide(pipeline, turn("And that?", memory=long_ago))
    assert isinstance(third, Handoff)
    assert third.text == first.text


async def test_after_one_i_do_not_know_the_next_is_said_differently(tmp_path: Path) -> None:
    """While nobody comes; with people online it is left to them without a word, as ever."""
    rules = RULES[: RULES.index("otherwise:")]
    pipeline = build_pipeline(load_prompts(folder(tmp_path, rules=rules)))
    first = await decide(pipeline, turn("Which glaze?"))
    unknown = Memory(handed_off_at=MONDAY_NOON, fired={UNANSWERED: MONDAY_NOON})
    second = await decide(pipeline, turn("And that?", memory=unknown))
    assert isinstance(first, Handoff)
    assert isinstance(second, Handoff)
    assert first.text
    assert second.text
    assert first.text != second.text
    assert second.fires == (UNANSWERED, UNANSWERED_AGAIN)
    twice = replace(unknown, fired={UNANSWERED: MONDAY_NOON, UNANSWERED_AGAIN: MONDAY_NOON})
    third = await decide(pipeline, turn("And that?", memory=twice))
    assert isinstance(third, Handoff)
    assert third.text is None
    assert third.fires == (UNANSWERED,)
    with_ann = await decide(pipeline, turn("And that?", memory=unknown, agents_online=1))
    assert isinstance(with_ann, Handoff)
    assert with_ann.text is None
    assert with_ann.fires == (UNANSWERED,)


async def test_the_text_may_be_left_out(tmp_path: Path) -> None:
    """A folder without it says nothing the second time."""
    prompts = load_prompts(folder(tmp_path, rules=RULES))
    pipeline = build_pipeline(replace(prompts, texts=replace(prompts.texts, unanswered_again=None)))
    decision = await decide(pipeline, turn("Which glaze?", memory=ASKED))
    assert isinstance(decision, Handoff)
    assert decision.text is None


async def test_the_faq_answers_where_it_is_sure_and_offers_nothing_where_not(
    tmp_path: Path,
) -> None:
    """Buttons with what may be meant are no answer that a customer can go away with."""
    prompts = load_prompts(folder(tmp_path, rules="rules: []\n"))
    sure = build_pipeline(prompts, matcher=matching(FaqAnswer(SHIPPING, 0.97, "sure")))
    answer = await decide(sure, turn("Do you ship?", memory=ASKED))
    assert isinstance(answer, Reply)
    assert (answer.by, answer.source) == ("faq", "shipping")
    part = FaqAnswers((SHIPPING,), ("And cars?",), 0.97, "sure", "shipping")
    in_part = await decide(
        build_pipeline(prompts, matcher=matching(part)),
        turn("Do you ship? And cars?", memory=ASKED),
    )
    assert isinstance(in_part, Handoff)
    assert (in_part.by, in_part.source) == ("faq", "shipping")
    assert in_part.text
    assert in_part.text.endswith("\n\n- Cars?")
    unsure = build_pipeline(
        prompts, matcher=matching(FaqSuggestions((SHIPPING, RETURNS), 0.6, "two are near"))
    )
    passed_on = await decide(unsure, turn("Ship?", memory=ASKED))
    assert isinstance(passed_on, Handoff)
    assert passed_on.reason.code == "unanswered"
    assert [(step.name, step.outcome) for step in passed_on.trace] == [
        ("guards", "reserved"),
        ("rules", "pass"),
        ("faq", "not_sure"),
        ("otherwise", "pass"),
        ("unanswered", "handoff"),
    ]


async def test_the_language_model_is_not_asked(tmp_path: Path) -> None:
    """It is paid for by the question, and never sure."""
    model = Model()
    pipeline = build_pipeline(load_prompts(folder(tmp_path, rules=RULES)), llm=model)
    passed_on = await decide(pipeline, turn("Which glaze?", memory=ASKED))
    assert isinstance(passed_on, Handoff)
    assert model.asked == 0
    await decide(pipeline, turn("Which glaze?"))
    assert model.asked == 1


def last(source: str) -> Callable[[str], Turn]:
    """Return what makes turns after a message of that rule's."""
    said = message(
        "…",
        author=Author.BOT,
        at=MONDAY_NOON - MINUTE,
        id="b",
        metadata={"agentbot": {"v": 1, "by": "rule", "source": source}},
    )
    return lambda text: turn(text, memory=ASKED, history=[said])


async def test_a_rule_that_has_just_handed_off_does_not_say_the_same_again(
    pipeline: Pipeline,
) -> None:
    """What it does beside talking is done; another rule has its say, which is new."""
    again = await decide(pipeline, last("person")("A person, please!"))
    assert isinstance(again, Handoff)
    assert again.reason.code == "unanswered"
    assert AddTag("wants-a-person") in again.actions
    other = await decide(pipeline, last("person")("It is about my order"))
    assert isinstance(other, Handoff)
    assert other.text == "Somebody will look it up."
    for forged in ({}, {"agentbot": 5}, {"agentbot": {"source": 5}}):
        said = replace(last("person")("A person").history[0], metadata=forged)
        theirs = replace(said, author=Author.CUSTOMER)
        asked = turn("A person", memory=ASKED, history=[said, theirs])
        decision = await decide(pipeline, asked)
        assert isinstance(decision, Handoff)
        assert decision.text == "I'll get somebody."


async def test_a_rule_may_keep_silent(pipeline: Pipeline) -> None:
    """That is the operator's own decision too."""
    assert isinstance(await decide(pipeline, turn("hush", memory=ASKED)), Silence)


async def test_the_last_resort_is_no_answer(pipeline: Pipeline) -> None:
    """Nor are decisions of one's own responders that are not signed as a rule's or the FAQ's."""
    decision = await decide(pipeline, turn("Which glaze?", memory=ASKED))
    assert decision.reason.code == "unanswered"
    why = Reason("own", "as the test has it")
    prompts = pipeline.prompts
    policy = prompts.policy.model_copy(update={"responders": ["own"]})
    for own, is_said in (
        (Reply(reason=why, text="Yes.", by="rule"), True),
        (Reply(reason=why, text="Yes.", by="faq"), True),
        (Reply(reason=why, text="Yes.", by="rule", gap=True), False),
        (Reply(reason=why, text="Yes.", by="llm"), False),
        (Handoff(reason=why, text="Yes.", by="rule"), True),
        (Handoff(reason=why, text="Yes.", by="rule", gap=True), False),
        (Handoff(reason=why, text="Yes."), False),
    ):
        own_pipeline = build_pipeline(replace(prompts, policy=policy), responders={"own": Own(own)})
        decision = await decide(own_pipeline, turn("?", memory=ASKED))
        assert (decision.reason == why) is is_said


def test_an_explanation_says_that_only_a_sure_answer_is_given(pipeline: Pipeline) -> None:
    """In a line of its own, behind the guards."""
    steps = {step.name: step for step in pipeline.explain(turn("Norway?", memory=ASKED))}
    assert steps["guard/handed_over"].outcome == "passes"
    assert steps["guard/reserve"].outcome == "sure_only"
    assert steps["guard/reserve"].reason.text.endswith("only a sure answer is given")
    assert "guard/reserve" not in {s.name for s in pipeline.explain(turn("Norway?"))}
