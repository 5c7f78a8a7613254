"""The responder of rules: the first that holds decides, with its texts, limits and actions."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest

from agentbot.pipeline.contact import ASKED_EMAIL
from agentbot.pipeline.decision import (
    AddTag,
    Assign,
    Close,
    Decision,
    Handoff,
    Note,
    Notify,
    Pass,
    QuickReply,
    Reason,
    Reply,
    SetPriority,
    Silence,
    Snooze,
)
from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.guards import UNANSWERED
from agentbot.pipeline.rules.compiler import compile_rules
from agentbot.pipeline.rules.responder import RulesResponder
from agentbot.pipeline.turn import Conversation, Customer, Memory
from tests.support.rules import TEXTS, rules
from tests.support.turns import MONDAY_NOON, turn
from tests.support.words import WORDS


def respond(
    responder: RulesResponder,
    text: str = "x",
    *,
    memory: Memory | None = None,
    conversation: str = "c",
    customer: Customer | None = None,
) -> Decision | Pass:
    """What the rules make of a turn, at once."""
    outcome = responder.respond(
        turn(
            text,
            memory=memory,
            conversation=Conversation(id=conversation),
            customer=customer,
        )
    )
    assert isinstance(outcome, Reply | Handoff | Silence | Pass)
    return outcome


def test_the_first_rule_whose_conditions_all_hold_decides() -> None:
    """In the order of the file."""
    responder = rules(
        """
        rules:
          - {id: a, keywords: tea, first_message: false, reply: A}
          - {id: b, keywords: tea, reply: B}
          - {id: c, reply: C}
        """
    )
    decision = respond(responder, "tea")
    assert isinstance(decision, Reply)
    assert (decision.text, decision.source, decision.by) == ("B", "b", "rule")
    assert "rules.yaml:4" in decision.reason.text


def test_no_rule_that_holds_is_a_pass() -> None:
    """With the reason."""
    outcome = respond(rules("rules: [{id: a, keywords: tea, reply: A}]"))
    assert isinstance(outcome, Pass)
    assert outcome.reason.code == "no_rule"


def test_a_rule_does_all_that_it_says() -> None:
    """Every action, in a fixed order, beside the reply and its buttons."""
    decision = respond(
        rules(
            """
            rules:
              - id: all
                reply: Yes.
                quick_replies: [More, {text: Less, action: less}]
                tag: [a, b]
                assign: vera@example.com
                priority: true
                snooze: 2h
                close: true
            """
        )
    )
    assert isinstance(decision, Reply)
    assert decision.quick_replies == (QuickReply("More", "rule:all:1"), QuickReply("Less", "less"))
    assert decision.actions == (
        AddTag("a"),
        AddTag("b"),
        Assign("vera@example.com"),
        SetPriority(priority=True),
        Snooze(timedelta(hours=2)),
        Close(),
    )


def test_going_on_leaves_the_actions_with_what_decides_later() -> None:
    """Whether a later rule decides or none does."""
    text = """
        rules:
          - {id: mark, keywords: tea, tag: tea, limit: every 1h, continue: true}
          - {id: b, keywords: green, reply: B}
        """
    decision = respond(rules(text), "green tea")
    assert isinstance(decision, Reply)
    assert decision.actions == (AddTag("tea"),)
    assert decision.fires == ("mark",)
    passed = respond(rules(text), "tea")
    assert isinstance(passed, Pass)
    assert passed.actions == (AddTag("tea"),)


def test_silence_is_a_decision_with_actions() -> None:
    """Nothing is said, and nobody else is asked."""
    decision = respond(rules("rules: [{id: a, silent: true, tag: spam}]"))
    assert isinstance(decision, Silence)
    assert decision.actions == (AddTag("spam"),)


@pytest.mark.parametrize(
    ("more", "text"),
    [("", "A colleague will answer."), ("reply: Wait.", "Wait."), ("silent: true", None)],
)
def test_a_handoff_says_its_own_or_the_usual_words_or_none(more: str, text: str | None) -> None:
    """The usual ones stand in texts.yaml."""
    decision = respond(rules(f"rules: [{{id: a, hand_over: true, {more}}}]"))
    assert isinstance(decision, Handoff)
    assert decision.text == text
    assert decision.by == "rule"


def test_a_variant_is_chosen_by_the_conversation() -> None:
    """One conversation always gets the same; others get others."""
    responder = rules("rules: [{id: a, choose: [one, two, three]}]")

    def said(conversation: str) -> str:
        decision = respond(responder, conversation=conversation)
        assert isinstance(decision, Reply)
        return decision.text

    assert {said(f"c{n}") for n in range(40)} == {"one", "two", "three"}
    assert said("c1") == said("c1")


class TestEmail:
    """Asking for an e-mail address."""

    RULES = "rules: [{id: a, reply: Sure., ask_email: true}]"

    def test_is_added_to_the_reply_and_remembered(self) -> None:
        """Where none is known."""
        decision = respond(rules(self.RULES))
        assert isinstance(decision, Reply)
        assert decision.text == "Sure.\n\nYour e-mail?"
        assert decision.fires == (ASKED_EMAIL,)

    @pytest.mark.parametrize(
        ("customer", "memory"),
        [
            (Customer(id="k", email="vera@example.com"), Memory()),
            (Customer(id="k"), Memory(fired={ASKED_EMAIL: MONDAY_NOON})),
        ],
    )
    def test_happens_once_and_only_where_it_is_of_use(
        self, customer: Customer, memory: Memory
    ) -> None:
        """Not where the address is known, nor where it was asked for before."""
        decision = respond(rules(self.RULES), customer=customer, memory=memory)
        assert isinstance(decision, Reply)
        assert decision.text == "Sure."
        assert decision.fires == ()

    def test_alone_decides_only_where_it_asks(self) -> None:
        """Else the next rule is tried."""
        responder = rules("rules: [{id: a, ask_email: true}, {id: b, reply: B}]")
        first, second = (
            respond(responder),
            respond(responder, memory=Memory(fired={ASKED_EMAIL: MONDAY_NOON})),
        )
        assert isinstance(first, Reply)
        assert isinstance(second, Reply)
        assert (first.text, second.text) == ("Your e-mail?", "B")


@pytest.mark.parametrize(
    ("limit", "minutes_ago", "fires"),
    [
        ("once per conversation", None, True),
        ("once per conversation", 100_000, False),
        ("every 12h", 719, False),
        ("every 12h", 720, True),
        ("once per day", 60, False),
    ],
)
def test_a_limit_is_kept(limit: str, minutes_ago: float | None, *, fires: bool) -> None:
    """Through what the conversation's memory says of the rule's last use."""
    responder = rules(f"rules: [{{id: a, limit: {limit}, reply: A}}]")
    fired = {} if minutes_ago is None else {"a": MONDAY_NOON - timedelta(minutes=minutes_ago)}
    outcome = respond(responder, memory=Memory(fired=fired))
    assert isinstance(outcome, Reply if fires else Pass)
    if fires:
        assert outcome.fires == ("a",)
    (step,) = responder.explain(turn("x", memory=Memory(fired=fired)))
    assert step.outcome == ("fires" if fires else "no")


def test_a_template_that_fails_in_front_of_a_customer_skips_its_rule() -> None:
    """The reason tells; a later rule decides."""
    text = "rules: [{id: a, first_message: true, reply: '{{ customer.metadata.plan }}'}, %s]"
    passed = respond(rules(text % "{id: b, keywords: tea, reply: B}"))
    assert isinstance(passed, Pass)
    assert passed.reason.code == "rule_failed"
    decision = respond(rules(text % "{id: b, reply: B}"))
    assert isinstance(decision, Reply)
    assert decision.text == "B"


def test_an_explanation_tells_of_every_rule() -> None:
    """What went on, what fired, what was not reached, and why the others did not."""
    responder = rules(
        """
        rules:
          - {id: mark, tag: x, continue: true}
          - {id: coffee, keywords: coffee, reply: C}
          - {id: broken, first_message: true, reply: '{{ customer.metadata.plan }}'}
          - {id: tea, keywords: tea, reply: T}
          - {id: ask, ask_email: true}
        """
    )
    steps = responder.explain(turn("tea"))
    assert [step.outcome for step in steps] == ["goes_on", "no", "no", "fires", "not_reached"]
    assert steps[1].reason.text == "the text holds none of: coffee"
    assert "plan" in steps[2].reason.text


async def test_a_rule_on_the_faq_waits_where_the_faq_has_to_work() -> None:
    """All other turns are decided at once."""

    class Slow:
        def __init__(self) -> None:
            self.prepared: set[str] = set()

        def nearest(self, text: str) -> tuple[str, float, bool]:
            return ("ship", 0.9, True) if text in self.prepared else ("", 0.0, False)

        def is_ready(self, text: str) -> bool:
            return text in self.prepared

        async def prepare(self, text: str) -> None:
            self.prepared.add(text)

    problems = Problems()
    file = parse_yaml("rules: [{id: a, when: faq.score > 0.5, reply: A}]", "r.yaml", problems)
    assert file is not None
    model = validate(RulesFile, file, problems)
    assert model is not None
    compiled = compile_rules(model, file, problems)
    sources = FactSources(words=WORDS, faq=Slow())
    responder = RulesResponder(compiled.first, name="rules", sources=sources, texts=TEXTS)
    waiting = responder.respond(turn("x"))
    assert not isinstance(waiting, Reply | Handoff | Silence | Pass)
    assert isinstance(await waiting, Reply)
    assert isinstance(responder.respond(turn("x")), Reply)


def test_the_limit_of_an_answer_and_the_question_for_an_address_are_both_used_up() -> None:
    """In the order in which they came: rules that went on, the address, the rule itself."""
    decision = respond(
        rules(
            """
            rules:
              - {id: mark, tag: one, limit: every 1h, continue: true}
              - {id: free, tag: two, continue: true}
              - {id: a, reply: A, ask_email: true, tag: three, limit: once per conversation}
            """
        )
    )
    assert isinstance(decision, Reply)
    assert decision.fires == ("mark", ASKED_EMAIL, "a")
    assert decision.actions == (AddTag("one"), AddTag("two"), AddTag("three"))
    assert decision.gap is False


def test_a_silence_uses_its_limit_up() -> None:
    """So that the next message may be answered."""
    decision = respond(rules("rules: [{id: a, silent: true, limit: once a day}]"))
    assert isinstance(decision, Silence)
    assert decision.fires == ("a",)
    assert decision.reason.text == "rule 'a' (rules.yaml:1)"


def test_a_handoff_asks_for_an_address_after_its_words() -> None:
    """The usual words or its own; with the rule as its source, and its actions."""
    text = "rules: [{id: a, hand_over: true, ask_email: true, tag: x, limit: once a day}]"
    decision = respond(rules(text))
    assert isinstance(decision, Handoff)
    assert decision.text == "A colleague will answer.\n\nYour e-mail?"
    assert (decision.source, decision.by) == ("a", "rule")
    assert decision.actions == (AddTag("x"),)
    assert decision.fires == (ASKED_EMAIL, "a")


@pytest.mark.parametrize("conversation", ["c", "d", "e", "f"])
def test_the_variant_follows_from_conversation_and_rule(conversation: str) -> None:
    """So that it stays the same from one version of the bot to the next."""
    said = respond(rules("rules: [{id: a, choose: [one, two]}]"), conversation=conversation)
    assert isinstance(said, Reply)
    assert said.text == ("one", "two")[zlib.crc32(f"{conversation}:a".encode()) % 2]


def test_why_nothing_applies_is_said_with_the_number_of_rules() -> None:
    """And with the rule that was skipped, where one failed."""
    passed = respond(rules("rules: [{id: a, keywords: tea, reply: A}]"))
    assert isinstance(passed, Pass)
    assert passed.reason.text == "none of 1 rules in rules applies"
    failing = "rules: [{id: a, first_message: true, reply: '{{ customer.metadata.plan }}'}]"
    passed = respond(rules(failing))
    assert isinstance(passed, Pass)
    assert passed.reason.text.startswith("none of 1 rules in rules applies; rule 'a' was skipped: ")


def test_an_explanation_tells_of_limits_and_addresses() -> None:
    """Which limit is reached, and why asking is of no use."""
    responder = rules(
        """
        rules:
          - {id: once, limit: once per conversation, reply: A}
          - {id: daily, limit: once a day, reply: B}
          - {id: ask, ask_email: true}
          - {id: last, keywords: x, reply: C}
          - {id: mark, tag: x, continue: true}
        """
    )
    fired = dict.fromkeys(("once", "daily", ASKED_EMAIL), MONDAY_NOON)
    steps = responder.explain(turn("x", memory=Memory(fired=fired)))
    assert [step.outcome for step in steps] == ["no", "no", "no", "fires", "not_reached"]
    assert [step.reason.text for step in steps] == [
        "its limit is reached: once per conversation",
        "its limit is reached: once per 1 day",
        "the e-mail address is known or was asked for before",
        "all conditions hold (rules.yaml:6)",
        "rule 'last' decides before",
    ]
    assert steps[0].name == "rules/once"
    (first,) = rules("rules: [{id: a, tag: x, continue: true}]").explain(turn("x"))
    assert first.reason.text == "its actions are taken (rules.yaml:1)"


def test_the_key_of_the_question_for_an_address_is_the_one_that_stores_hold() -> None:
    """Another would make the bot ask again in conversations that go on."""
    assert ASKED_EMAIL == "ask_email"


def test_a_rule_is_named_as_the_reason() -> None:
    """Under one code for all rules, in decisions and in explanations."""
    responder = rules("rules: [{id: a, reply: A}]")
    decision = respond(responder)
    assert decision.reason == Reason("rule", "rule 'a' (rules.yaml:1)")
    (step,) = responder.explain(turn("x"))
    assert step.reason == Reason("rule", "all conditions hold (rules.yaml:1)")


@pytest.mark.parametrize("last_resort", [False, True])
@pytest.mark.parametrize("does", ["reply: A", "hand_over: true", "silent: true"])
def test_only_rules_of_last_resort_mark_a_gap(does: str, *, last_resort: bool) -> None:
    """Whatever they decide; and only their handoffs leave the bot free to answer again."""
    problems = Problems()
    file = parse_yaml(f"rules: [{{id: a, {does}}}]", "rules.yaml", problems)
    assert file is not None
    model = validate(RulesFile, file, problems)
    assert model is not None
    responder = RulesResponder(
        compile_rules(model, file, problems).first,
        name="otherwise",
        sources=FactSources(words=WORDS),
        texts=TEXTS,
        last_resort=last_resort,
    )
    decision = respond(responder)
    assert not isinstance(decision, Pass)
    assert decision.gap is last_resort
    leaves_free = last_resort and isinstance(decision, Handoff)
    assert decision.fires == ((UNANSWERED,) if leaves_free else ())


def test_a_rule_leaves_words_for_people() -> None:
    """A note, and a message by the webhook, with facts in them; any rule may."""
    responder = rules("""
        rules:
          - id: allergy
            keywords: allergy
            note: "{{ customer.first_name or 'Somebody' }} has an allergy."
            notify: true
            continue: true
          - id: call
            keywords: call
            reply: Somebody will call you.
            note: Call back about “{{ text }}”.
            notify: Please call {{ customer.name }}!
            hand_over: true
    """)
    vera = Customer(id="k", name="Vera Visitor")
    decision = respond(responder, "call: allergy", customer=vera)
    assert isinstance(decision, Handoff)
    assert decision.actions == (
        Note("Vera has an allergy."),
        Notify(),
        Note("Call back about “call: allergy”."),
        Notify("Please call Vera Visitor!"),
    )
    passed = respond(responder, "allergy")
    assert isinstance(passed, Pass)
    assert passed.actions == (Note("Somebody has an allergy."), Notify())


def test_a_rule_whose_note_cannot_be_made_is_skipped() -> None:
    """As one whose text cannot be: the next rule has its turn."""
    responder = rules("""
        rules:
          - id: broken
            note: "{{ customer.metadata.plan }}"
            continue: true
          - id: next
            reply: Hello!
    """)
    decision = respond(responder)
    assert isinstance(decision, Reply)
    assert decision.actions == ()


def test_words_for_people_may_need_the_faq() -> None:
    """Then it is looked into before."""
    compiled = rules("""
        rules:
          - id: near
            note: Near {{ faq.id }}
            continue: true
    """)
    assert [rule.uses("faq") for rule in compiled._rules] == [True]
