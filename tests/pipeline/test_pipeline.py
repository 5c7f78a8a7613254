"""The pipeline: guards, then rules, FAQ and model; what is said where nobody had an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.decision import (
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
)
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqOutcome, FaqSuggestions
from agentbot.pipeline.guards import UNANSWERED
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.model_responder import ModelOptions
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import MAX_TEXT, Author, Conversation, Customer, Memory, Message, Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import DEFAULT, folder
from tests.support.model import unchecked
from tests.support.turns import MONDAY_NOON, OFFICE, history, message, turn

EVENING = MONDAY_NOON + timedelta(hours=9)


@pytest.fixture(scope="module")
def shipped() -> Pipeline:
    """Return the pipeline of the folder that the project ships, rules only."""
    return build_pipeline(load_prompts(DEFAULT))


def decided(outcome: Decision | Awaitable[Decision]) -> Decision:
    """Return the decision itself: it was made at once."""
    assert isinstance(outcome, Reply | Handoff | Silence)
    return outcome


def await_it(outcome: Decision | Awaitable[Decision]) -> Awaitable[Decision]:
    """Return what is to be awaited: the decision was not made at once."""
    assert not isinstance(outcome, Reply | Handoff | Silence)
    return outcome


def test_the_demo_question_is_answered_by_a_rule(shipped: Pipeline) -> None:
    """ "Do you ship to Norway?" needs no FAQ and no model."""
    decision = decided(shipped.decide(turn("Do you ship to Norway?")))
    assert isinstance(decision, Reply)
    assert decision.by == "rule"
    assert decision.source == "shipping-norway"
    assert "ship to Norway" in decision.text
    assert decision.quick_replies


def test_after_hours_an_unknown_question_is_told_when_people_are_back(shipped: Pipeline) -> None:
    """The reply names the opening in the customer's time zone, and does not silence the bot."""
    decision = decided(
        shipped.decide(
            turn(
                "Which glaze is that?",
                now=EVENING,
                customer=Customer(id="c", time_zone="America/New_York", email="a@example.com"),
            )
        )
    )
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert "tomorrow at 3:00;" in decision.text
    assert UNANSWERED in decision.fires


def test_a_window_that_says_away_itself_is_not_repeated(shipped: Pipeline) -> None:
    """Where the bot is not tracked and the account has an away message, the rule keeps still."""
    account = OFFICE.__class__(
        time_zone=OFFICE.time_zone, working_hours=OFFICE.working_hours, away_message="Away!"
    )
    decision = decided(
        shipped.decide(turn("Which glaze?", now=EVENING, account=account, bot_tracked=False))
    )
    assert decision.trace[-1].name == "unanswered"


def test_what_nobody_knows_is_left_to_people_with_words_once(shipped: Pipeline) -> None:
    """The second unanswered question in a short while gets no second excuse, with people there."""
    first = decided(shipped.decide(turn("Which glaze is that?")))
    memory = Memory(fired={UNANSWERED: MONDAY_NOON - timedelta(minutes=4)})
    second = decided(shipped.decide(turn("And that one?", memory=memory, agents_online=1)))
    assert isinstance(first, Handoff)
    assert first.text is not None
    assert isinstance(second, Handoff)
    assert second.text is None


def test_a_file_without_text_goes_to_people(shipped: Pipeline) -> None:
    """The bot cannot look at a picture; it says that a person will."""
    decision = decided(shipped.decide(turn(messages=(message("", attachments=1),))))
    assert isinstance(decision, Handoff)
    assert decision.reason.code == "attachment_only"
    assert decision.text


def test_a_mail_that_only_quotes_goes_to_people(shipped: Pipeline) -> None:
    """Whoever forwards a mail without a word means somebody to read it."""
    mail = Conversation(id="c", source="email")
    decision = decided(shipped.decide(turn("> Do you ship to Norway?", conversation=mail)))
    assert isinstance(decision, Handoff)
    assert decision.reason.code == "quoted_only"
    assert [step.name for step in decision.trace] == ["text", "rules", "unanswered"]


@pytest.mark.parametrize(
    ("source", "text", "outcome", "said"),
    [
        ("chat", "x" * 20_000, "cut", "only 10,000 of 20,000 characters were judged"),
        ("email", "Norway?\n> Yes", "own", "7 of 13 characters are the customer's own"),
    ],
)
def test_the_trace_says_where_not_all_was_judged(
    shipped: Pipeline, source: str, text: str, outcome: str, said: str
) -> None:
    """Whoever asks why something was not heard is told."""
    asked = turn(text, conversation=Conversation(id="c", source=source))
    step = decided(shipped.decide(asked)).trace[0]
    assert (step.name, step.outcome, step.reason.code) == ("text", outcome, f"text_{outcome}")
    assert said in step.reason.text
    assert decided(shipped.decide(turn("Norway?"))).trace[0].name != "text"


@pytest.mark.parametrize("sign", ["a", "\u00e9", "\u200b", "\n", "> quoted\n"])
@pytest.mark.parametrize("source", ["chat", "email"])
def test_a_huge_message_is_cut_before_it_is_read(shipped: Pipeline, source: str, sign: str) -> None:
    """Else everybody waits while it is folded: what stands in its middle is not there at all."""
    huge = f"a\n{sign * 200_000}\nI want to talk to a human\n{sign * 200_000}"
    asked = turn(huge, conversation=Conversation(id="c", source=source))
    assert len(asked.text) <= MAX_TEXT
    assert "human" not in asked.text
    assert getattr(shipped.decide(asked), "source", "") != "human"


def test_a_guard_ends_the_pipeline_with_its_reason(shipped: Pipeline) -> None:
    """No responder is asked where a person has just written."""
    said = history((Author.PERSON, 3))
    decision = decided(shipped.decide(turn("Do you ship to Norway?", history=said)))
    assert isinstance(decision, Silence)
    assert decision.reason.code == "person"
    assert decision.trace[0].name == "guards"


def test_a_text_that_cannot_be_rendered_is_left_out(tmp_path: Path) -> None:
    """The handoff stands, without words."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    texts = texts.replace("I'm sorry", "I'm {{ customer.metadata.mood }} sorry")
    pipeline = build_pipeline(load_prompts(folder(tmp_path, texts=texts)))
    assert pipeline.fallback(turn("?"), Reason("deadline", "late")).text is None


async def test_rules_faq_and_model_are_asked_in_the_order_of_the_policy(tmp_path: Path) -> None:
    """And the last word is with the rules for what nobody knew."""

    class Knows:
        def match(self, text: str) -> FaqOutcome:
            return FaqAbstention((), 0.0, f"nothing on {text}")

    class Mute:
        async def complete(
            self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
        ) -> Completion:
            raise LLMError("empty", f"{len(messages)} messages in {seconds} s")

    prompts = load_prompts(folder(tmp_path))
    pipeline = build_pipeline(prompts, matcher=Knows(), llm=Mute())
    assert [one.name for one in pipeline.responders] == ["rules", "faq", "llm", "otherwise"]
    assert pipeline.version == prompts.version
    decision = await_it(pipeline.decide(turn("Which glaze?")))
    assert [step.name for step in (await decision).trace] == ["rules", "faq", "prompt", "llm"]
    names = [step.name for step in pipeline.explain(turn("Which glaze?"))]
    assert names[-1] == "faq"


def test_the_fallback_is_the_canned_text_with_the_reason(shipped: Pipeline) -> None:
    """What a turn past its deadline gets."""
    decision = shipped.fallback(turn("?"), Reason("deadline", "it took too long"))
    assert decision.by == "fallback"
    assert decision.text is not None
    assert "sorry" in decision.text
    assert decision.reason.code == "deadline"


def test_an_explanation_names_every_guard_and_rule(shipped: Pipeline) -> None:
    """What fired, what did not and why, what was not reached."""
    steps = {step.name: step for step in shipped.explain(turn("Do you ship to Norway?"))}
    assert steps["guard/closed"].outcome == "passes"
    assert "none of" in steps["rules/human"].reason.text
    assert steps["rules/shipping-norway"].outcome == "fires"
    assert steps["rules/greeting"].outcome == "not_reached"
    assert steps["otherwise/after-hours"].reason.text == "away is false"


def test_presence_follows_the_policy_and_the_hours(tmp_path: Path) -> None:
    """On duty only: seen in opening hours, not outside them."""
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    on_duty = policy.replace("presence: always", "presence: on_duty")
    pipeline = build_pipeline(load_prompts(folder(tmp_path, policy=on_duty)))
    assert pipeline.should_be_tracked(now=MONDAY_NOON, account=OFFICE)
    assert not pipeline.should_be_tracked(now=EVENING, account=OFFICE)
    assert pipeline.is_outside_hours(now=EVENING, account=OFFICE)


def test_a_guards_silence_is_traced_by_its_kind(shipped: Pipeline) -> None:
    """As one step, with the guard's reason; asking the guards alone says the same."""
    asked = turn("Do you ship to Norway?", conversation=Conversation(id="c", status="closed"))
    decision = decided(shipped.decide(asked))
    (step,) = decision.trace
    assert (step.name, step.outcome, step.reason) == ("guards", "silence", decision.reason)
    assert shipped.guard(asked) == Silence(reason=decision.reason)
    assert shipped.guard(turn("Do you ship to Norway?")) is None


def test_whoever_has_asked_the_guards_may_go_on_to_the_responders(shipped: Pipeline) -> None:
    """They are not asked again."""
    asked = turn("Do you ship to Norway?", conversation=Conversation(id="c", status="closed"))
    assert isinstance(shipped.respond(asked), Reply)


@pytest.mark.parametrize(("minutes", "says"), [(29, False), (30, True)])
def test_an_excuse_is_repeated_after_a_while(
    shipped: Pipeline, minutes: int, *, says: bool
) -> None:
    """From the very minute that the policy names."""
    memory = Memory(fired={UNANSWERED: MONDAY_NOON - timedelta(minutes=minutes)})
    decision = decided(shipped.decide(turn("Which glaze?", memory=memory, agents_online=1)))
    assert isinstance(decision, Handoff)
    assert (decision.text is not None) is says
    assert decision.by == "fallback"
    assert decision.fires == (UNANSWERED,)
    assert decision.reason == Reason("unanswered", "no responder had an answer")


def test_an_excuse_may_be_left_out(tmp_path: Path) -> None:
    """Where the operator wrote null, people take over without a word."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    before, _, rest = texts.partition("unanswered: |")
    after = rest[rest.index("# Nothing had an answer again") :]
    pipeline = build_pipeline(load_prompts(folder(tmp_path, texts=f"{before}unanswered:\n{after}")))
    decision = decided(pipeline.decide(turn("Which glaze?")))
    assert isinstance(decision, Handoff)
    assert decision.text is None


def test_a_handoff_uses_the_operators_words(shipped: Pipeline) -> None:
    """Those of ``hand_over``, with the reason that it was given; it answers no question."""
    why = Reason("test", "why")
    handoff = shipped.hand_off(turn("?"), why)
    assert handoff.text is not None
    assert handoff.text.startswith("I'll leave this to my colleagues.")
    assert (handoff.reason, handoff.by, handoff.gap) == (why, "fallback", False)


def test_a_text_that_renders_to_nothing_is_no_text(tmp_path: Path) -> None:
    """An empty message is not sent."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    start = texts.index("fallback: >-")
    end = texts.index("# The conversation is left to people.")
    made = texts[:start] + "fallback: '{{ reply_action }}'\n" + texts[end:]
    pipeline = build_pipeline(load_prompts(folder(tmp_path, texts=made)))
    assert pipeline.fallback(turn("?"), Reason("deadline", "late")).text is None


class ScriptedModel:
    """A model that says what it was told, or fails."""

    def __init__(self, answer: str | LLMError) -> None:
        self.answer = answer
        self.seconds = 0.0
        self.said = ""

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
    ) -> Completion:
        """Answer, or fail."""
        self.seconds = seconds
        self.said = messages[-1].content
        if isinstance(self.answer, LLMError):
            raise self.answer
        return Completion(self.answer)


SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of Europe.")
UNSURE = FaqSuggestions((SHIPPING, FaqEntry("returns", "Can I return it?", "Yes.")), 0.5, "unsure")
NOTHING = FaqAbstention((), 0.0, "far")


@pytest.mark.parametrize(
    ("rules", "faq", "model", "code", "gap", "failure"),
    [
        ("rules: [{id: a, reply: A}]", NOTHING, "Yes.", "rule", False, None),
        ("rules: [{id: a, hand_over: true}]", NOTHING, "Yes.", "rule", False, None),
        ("rules: [{id: a, silent: true}]", NOTHING, "Yes.", "rule", False, None),
        ("rules: []", FaqAnswer(SHIPPING, 0.9, "sure"), "Yes.", "faq", False, None),
        ("rules: []", UNSURE, None, "faq_unsure", True, None),
        ("rules: []", UNSURE, "Yes.", "llm", False, None),
        ("rules: []", UNSURE, "HAND_OVER", "llm_hand_over", True, None),
        ("rules: []", UNSURE, LLMError("timeout", "late"), "faq_unsure", True, "timeout"),
        ("otherwise: [{id: a, reply: A}]", UNSURE, None, "faq_unsure", True, None),
        (
            "otherwise: [{id: a, reply: A}]",
            UNSURE,
            LLMError("auth", "no"),
            "faq_unsure",
            True,
            "auth",
        ),
        ("rules: []", NOTHING, "Yes.", "llm", False, None),
        ("rules: []", NOTHING, "HAND_OVER", "llm_hand_over", True, None),
        ("rules: []", NOTHING, LLMError("timeout", "late"), "llm_failed", True, "timeout"),
        ("otherwise: [{id: a, reply: A}]", NOTHING, None, "rule", True, None),
        ("otherwise: [{id: a, hand_over: true}]", NOTHING, None, "rule", True, None),
        ("otherwise: [{id: a, silent: true}]", NOTHING, None, "rule", True, None),
        ("rules: []", NOTHING, None, "unanswered", True, None),
    ],
)
async def test_what_nobody_could_answer_is_marked_as_a_gap(  # noqa: PLR0917 - a table's columns
    tmp_path: Path,
    rules: str,
    faq: FaqOutcome,
    model: str | LLMError | None,
    code: str,
    gap: bool,  # noqa: FBT001 - a table's column
    failure: str | None,
) -> None:
    """Neither rule, FAQ nor model knew; and a model's failure is told by its kind."""
    pipeline = build_pipeline(
        load_prompts(folder(tmp_path, rules=rules)),
        matcher=FakeMatcher(faq),
        llm=None if model is None else ScriptedModel(model),
        model_options=unchecked(),
    )
    outcome = pipeline.decide(turn("Which glaze?"))
    decision = outcome if isinstance(outcome, Reply | Handoff | Silence) else await outcome
    assert decision.reason.code == code
    assert decision.gap is gap
    assert getattr(decision, "failure", None) == failure


def test_a_turn_past_its_deadline_is_a_gap(shipped: Pipeline) -> None:
    """Nobody has answered it."""
    assert shipped.fallback(turn("?"), Reason("deadline", "late")).gap is True


def test_a_last_handoff_does_not_silence_the_bot(tmp_path: Path) -> None:
    """It is remembered as one for want of an answer; that of an ordinary rule is not."""
    for rules, fires in (
        ("otherwise: [{id: a, hand_over: true}]", (UNANSWERED,)),
        ("rules: [{id: a, hand_over: true}]", ()),
    ):
        pipeline = build_pipeline(load_prompts(folder(tmp_path, rules=rules)))
        assert decided(pipeline.decide(turn("Which glaze?"))).fires == fires


async def test_a_match_in_a_thread_is_waited_for(tmp_path: Path) -> None:
    """Where the caller says that it takes long; and else it is made at once."""
    prompts = load_prompts(folder(tmp_path))
    matcher = FakeMatcher(FaqAnswer(SHIPPING, 0.9, "sure"))
    assert isinstance(build_pipeline(prompts, matcher=matcher).decide(turn("x")), Reply)
    slow = build_pipeline(prompts, matcher=matcher, match_in_thread=True)
    assert isinstance(await await_it(slow.decide(turn("x"))), Reply)


async def test_the_model_has_twenty_seconds_and_messages_unless_told_otherwise(
    tmp_path: Path,
) -> None:
    """What the caller gives is the model's: its time, and what it is shown of the past."""
    prompts = load_prompts(folder(tmp_path))
    model = ScriptedModel("Yes.")
    await await_it(build_pipeline(prompts, llm=model).decide(turn("x")))
    assert model.seconds == 20.0
    hurried = ModelOptions(seconds=3.0)
    await await_it(build_pipeline(prompts, llm=model, model_options=hurried).decide(turn("x")))
    assert model.seconds == 3.0
    said = history(*((Author.CUSTOMER, 200 - number) for number in range(30)))
    asked = turn("x", history=said)
    await await_it(build_pipeline(prompts, llm=model).decide(asked))
    assert model.said.count("…") == 20
    short = ModelOptions(history_messages=5)
    await await_it(build_pipeline(prompts, llm=model, model_options=short).decide(asked))
    assert model.said.count("…") == 5


class Mine:
    """A responder in place of the model's."""

    name = "mine"

    def respond(self, _turn: Turn) -> Pass:
        """Pass."""
        return Pass(Reason("test", "not mine"))


def test_what_is_not_there_is_left_out_of_the_order(shipped: Pipeline) -> None:
    """No FAQ, no model: the rules alone are asked; a replaced responder keeps its place."""
    assert [one.name for one in shipped.responders] == ["rules", "otherwise"]
    replaced = build_pipeline(load_prompts(DEFAULT), responders={"llm": Mine()})
    assert [one.name for one in replaced.responders] == ["rules", "mine", "otherwise"]


def test_an_explanation_says_which_guard_keeps_out(shipped: Pipeline) -> None:
    """With its reason; the others have nothing against it."""
    steps = {
        step.name: step
        for step in shipped.explain(turn("x", conversation=Conversation(id="c", status="closed")))
    }
    assert steps["guard/closed"].outcome == "silence"
    assert steps["guard/closed"].reason.code == "closed"
    assert steps["guard/empty"].reason == Reason("ok", "nothing against it")


def test_the_folders_hours_count_before_the_accounts(tmp_path: Path) -> None:
    """For an inbox its own."""
    hours = (
        "time_zone: UTC\nweek: {everyday: closed}\n"
        "inboxes: {open: {time_zone: UTC, week: {everyday: '0:00-24:00'}}}\n"
    )
    pipeline = build_pipeline(load_prompts(folder(tmp_path, hours=hours)))
    assert pipeline.is_outside_hours(now=MONDAY_NOON, account=OFFICE)
    assert not pipeline.is_outside_hours(now=MONDAY_NOON, account=OFFICE, inbox_id="open")


def test_the_bot_is_seen_around_the_clock_where_the_policy_says_so(shipped: Pipeline) -> None:
    """The shipped one does."""
    assert shipped.should_be_tracked(now=EVENING, account=OFFICE)


def test_a_file_without_text_reaches_the_rules_alone(tmp_path: Path) -> None:
    """What none of them is for is left to people."""

    class Knows:
        def match(self, text: str) -> FaqOutcome:
            raise AssertionError(text)

    rules = "rules: [{id: photo, when: attachments > 1, reply: Thank you for the photos.}]\n"
    pipeline = build_pipeline(load_prompts(folder(tmp_path, rules=rules)), matcher=Knows())
    for text in ("", "\u200b", "\u3164"):
        two = decided(pipeline.decide(turn(messages=(message(text, attachments=2),))))
        assert isinstance(two, Reply)
        assert two.source == "photo"
        one = decided(pipeline.decide(turn(messages=(message(text, attachments=1),))))
        assert one.reason.code == "attachment_only"


def test_the_same_answer_is_marked_as_such(shipped: Pipeline) -> None:
    """In the words of texts.yaml; the third time people are asked."""
    asked = "Do you ship to Norway?"
    said: tuple[Message, ...] = ()
    decisions: list[Reply | Handoff] = []
    for _ in range(3):
        decision = decided(shipped.decide(turn(asked, history=said)))
        assert not isinstance(decision, Silence)
        decisions.append(decision)
        said = (*said, message(asked), message(decision.text or "", author=Author.BOT))
    first, second, third = decisions
    assert second.text == f"As I wrote above: {first.text}"
    assert isinstance(third, Handoff)
    assert third.text not in (None, first.text, second.text)


@pytest.mark.parametrize("rules", ["rules: []", "otherwise: [{id: late, reply: We are closed.}]"])
def test_another_language_is_told_before_any_excuse(tmp_path: Path, rules: str) -> None:
    """In itself; an answer comes before it."""
    pipeline = build_pipeline(load_prompts(folder(tmp_path, rules=rules)))
    decision = decided(pipeline.decide(turn("Wo ist meine Bestellung?")))
    assert decision.reason.code == "language"
    assert decision.trace[-1].name == "language"
    assert UNANSWERED in decision.fires
    answered = "rules: [{id: it, keywords: Bestellung, reply: Unterwegs.}]"
    pipeline = build_pipeline(load_prompts(folder(tmp_path / "b", rules=answered)))
    assert decided(pipeline.decide(turn("Wo ist meine Bestellung?"))).reason.code == "rule"


def test_the_faq_reads_a_message_once(tmp_path: Path) -> None:
    """As it was written: what of it is asked, the matcher finds out."""
    asked = []

    class Knows:
        def match(self, text: str) -> FaqOutcome:
            asked.append(text)
            return FaqAbstention((), 0.0, "nothing")

    pipeline = build_pipeline(load_prompts(folder(tmp_path)), matcher=Knows())
    decided(pipeline.decide(turn("Hello, which glaze is it? Thanks!")))
    assert asked == ["Hello, which glaze is it? Thanks!"]


@pytest.mark.parametrize("puts_off", [False, True])
def test_what_the_first_question_would_wait_for_is_made_ready_before(
    tmp_path: Path, *, puts_off: bool
) -> None:
    """When the pipeline is built, or once whoever puts it off says so; never by a question."""
    events: list[str] = []

    class Careful:
        name = "careful"

        def get_ready(self) -> None:
            events.append("ready")

        def respond(self, _turn: Turn) -> Pass:
            events.append("asked")
            return Pass(Reason("none", "it knows nothing"))

    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    policy = policy.replace("[rules, faq, llm, otherwise]", "[rules, x:careful]")
    prompts = load_prompts(folder(tmp_path, policy=policy))
    pipeline = build_pipeline(prompts, responders={"x:careful": Careful()}, puts_off=puts_off)
    assert events == ["ready"] * (not puts_off)
    if puts_off:
        pipeline.get_ready()
    pipeline.decide(turn("What is the weight of the moon?"))
    assert events == ["ready", "asked"]
