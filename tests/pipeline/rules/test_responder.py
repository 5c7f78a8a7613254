"""Rules: what they do, how often, and what is found wrong with them at loading."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent

import pytest

from agentbot.pipeline.decision import (
    AddTag,
    Assign,
    Close,
    Decision,
    Handoff,
    Pass,
    QuickReply,
    Reply,
    SetPriority,
    Silence,
    Snooze,
)
from agentbot.pipeline.facts import ROOTS, FactSources
from agentbot.pipeline.files.models import RulesFile
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.rules.compiler import compile_rules, parse_limit
from agentbot.pipeline.rules.responder import ASKED_EMAIL, RulesResponder, RuleTexts
from agentbot.pipeline.rules.rule import ONCE
from agentbot.pipeline.turn import Conversation, Customer, Memory
from tests.support.turns import MONDAY_NOON, turn
from tests.support.words import WORDS

TEXTS = RuleTexts(
    handoff=Template("A colleague will answer.", ROOTS),
    ask_email=Template("Your e-mail?", ROOTS),
)


def read(text: str) -> tuple[RulesResponder | None, list[str]]:
    """The responder for a list of rules, and the problems with them."""
    problems = Problems()
    file = parse_yaml(dedent(text), "rules.yaml", problems)
    assert file is not None, problems.found
    model = validate(RulesFile, file, problems)
    if model is None:
        return None, [str(problem) for problem in problems.found]
    compiled = compile_rules(model, file, problems)
    responder = RulesResponder(
        compiled.first, name="rules", sources=FactSources(words=WORDS), texts=TEXTS
    )
    return responder, [str(problem) for problem in problems.found]


def rules(text: str) -> RulesResponder:
    """The responder for rules without mistakes."""
    responder, problems = read(text)
    assert not problems
    assert responder is not None
    return responder


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
def test_a_hand_over_says_its_own_or_the_usual_words_or_none(more: str, text: str | None) -> None:
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


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{id: a, reply: A, keyword: tea}", "unknown key 'keyword' (did you mean 'keywords'?)"),
        ("{id: a, reply: A, when: 'agent_online == 0'}", "unknown fact 'agent_online'"),
        ("{id: a, reply: A, matches: '(?=x)'}", "look-around"),
        ("{id: a, reply: A, keywords: ['?!']}", "no letter or digit"),
        ("{id: a, reply: A, keywords: {}}", "there is no keyword"),
        ("{id: a, reply: 'Hi {{ nmae }}'}", "unknown fact 'nmae'"),
        ("{id: a, reply: '{{ 1 / 0 }}'}", "the template fails: division by zero"),
        ("{id: a, choose: [A, '{{ b']}", "template"),
        ("{id: a, reply: A, choose: [B, C]}", "'reply' and 'choose' stand together (keep one"),
        ("{id: a, reply: A, silent: true}", "'silent' and a reply"),
        ("{id: a, reply: A, continue: true}", "'continue' cannot stand with a reply"),
        ("{id: a, tag: x}", "add 'continue: true'"),
        ("{id: a}", "the rule does nothing"),
        ("{id: a, silent: true, quick_replies: [x]}", "'quick_replies' need a 'reply'"),
        ("{id: a, reply: A, limit: sometimes}", "write 'once per conversation' or 'every 12h'"),
        ("{id: a, reply: A, limit: every moon}", "write 'once per conversation'"),
        ("{id: A b, reply: A}", "'id'"),
        ("{reply: A}", "the key 'id' is missing"),
        ("{id: a, reply: A, priority: high}", "'priority' must be true or false"),
    ],
)
def test_a_mistake_is_named_with_its_line(rule: str, expected: str) -> None:
    """Found when the file is read."""
    _, problems = read(f"rules:\n  - {rule}\n")
    assert len(problems) == 1
    assert problems[0].startswith("rules.yaml:2: ")
    assert expected in problems[0]


def test_a_mistake_in_a_block_text_is_named_with_its_own_line() -> None:
    """Not only with that of its rule."""
    _, problems = read("rules:\n  - id: a\n    reply: |\n      one\n      two {{ nmae }}\n")
    assert problems[0].startswith("rules.yaml:5: unknown fact 'nmae'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{id: a, reply: A}", "{id: b, keywords: tea, reply: B}"),
        ("{id: a, keywords: [tea], reply: A}", "{id: b, keywords: tea, reply: B}"),
        (
            "{id: a, when: turns > 1, reply: A}",
            "{id: b, when: 'turns  >  1', away: true, reply: B}",
        ),
        ("{id: a, ask_email: true, hand_over: true}", "{id: b, reply: B}"),
        ("{id: a, keywords: [tea, coffee], reply: A}", "{id: b, keywords: tea, reply: B}"),
        ("{id: a, keywords: [tea], reply: A}", "{id: b, keywords: {all: [tea, cup]}, reply: B}"),
        (
            "{id: a, keywords: {all: [tea]}, reply: A}",
            "{id: b, keywords: {all: [tea, cup]}, reply: B}",
        ),
        ("{id: a, matches: [x, y], reply: A}", "{id: b, matches: y, reply: B}"),
        (
            "{id: a, when: turns > 1, reply: A}",
            "{id: b, when: agents_online > 0 && turns > 1, reply: B}",
        ),
        ("{id: a, away: false, reply: A}", "{id: b, away: false, first_message: true, reply: B}"),
    ],
)
def test_a_rule_that_can_never_fire_is_found(before: str, after: str) -> None:
    """Where one before it always decides on no more conditions."""
    _, problems = read(f"rules:\n  - {before}\n  - {after}\n")
    assert len(problems) == 1
    assert "rules.yaml:3: the rule 'b' can never fire: 'a' (rules.yaml:2)" in problems[0]


@pytest.mark.parametrize(
    "before",
    [
        "{id: a, limit: every 1h, reply: A}",
        "{id: a, tag: x, continue: true}",
        "{id: a, ask_email: true}",
        "{id: a, keywords: coffee, reply: A}",
        "{id: a, keywords: {all: [tea, cup]}, reply: A}",
        "{id: a, keywords: {all: [cup], any: [tea]}, reply: A}",
        "{id: a, matches: tea, reply: A}",
        "{id: a, when: turns > 1, reply: A}",
        "{id: a, first_message: true, reply: A}",
    ],
)
def test_a_rule_after_one_that_may_not_decide_is_fine(before: str) -> None:
    """Limits, going on and other conditions leave room."""
    rules(f"rules:\n  - {before}\n  - {{id: b, keywords: tea, reply: B}}\n")


def test_an_id_is_used_once_in_the_whole_file() -> None:
    """Limits are remembered by it."""
    _, problems = read("rules: [{id: a, reply: A}]\notherwise:\n  - {id: a, reply: B}\n")
    assert len(problems) == 1
    assert problems[0].startswith("rules.yaml:3: the id 'a' is used twice (the first is in rules.y")


def test_limits_are_read_in_several_words() -> None:
    """As people write them."""
    assert parse_limit("Once per conversation") is ONCE
    assert parse_limit("once a day") == timedelta(days=1)
    assert parse_limit("every 90 minutes") == timedelta(minutes=90)


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
