"""The compiler of rules: what is wrong is found when the file is read, and named with its line."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.rules.compiler import compile_rules, parse_limit
from agentbot.pipeline.rules.conditions import CelCondition, Flag, KeywordsIn, PatternIn
from agentbot.pipeline.rules.rule import ONCE
from tests.support.rules import compiled, read, rules


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{id: a, reply: A, keyword: tea}", "unknown key 'keyword' (did you mean 'keywords'?)"),
        ("{id: a, reply: A, when: 'agent_online == 0'}", "unknown fact 'agent_online'"),
        ("{id: a, reply: A, matches: '(?=x)'}", "'(?=x)' is refused: look-around"),
        ("{id: a, reply: A, keywords: ['?!']}", "no letter or digit"),
        ("{id: a, reply: A, keywords: {}}", "there is no keyword"),
        ("{id: a, reply: A, keywords: 'tea, cups'}", "as a list, [tea, cups]"),
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


@pytest.mark.parametrize(
    ("keywords", "doubt"),
    [
        ("[tea, c++]", "'c++' also finds 'c'"),
        ("{all: [100%]}", "'100%' also finds '100'"),
        ("[tea, 'cups, pots']", "'cups, pots' is one keyword"),
    ],
)
def test_a_keyword_that_finds_other_than_it_seems_is_doubted(keywords: str, doubt: str) -> None:
    """It is allowed, but probably a mistake."""
    (warning,) = doubts(f"rules:\n  - {{id: a, reply: A, keywords: {keywords}}}\n")
    assert warning.startswith("rules.yaml:2: ")
    assert doubt in warning


def test_plain_keywords_raise_no_doubt() -> None:
    """Nor do rules without keywords."""
    first = "  - {id: a, reply: A, first_message: true, keywords: ['what''s up?', ship*]}\n"
    assert doubts(f"rules:\n{first}  - {{id: b, reply: B}}\n") == []


def doubts(text: str) -> list[str]:
    """Return the doubts about a rules file without mistakes."""
    problems = Problems()
    file = parse_yaml(text, "rules.yaml", problems)
    assert file is not None
    model = validate(RulesFile, file, problems)
    assert model is not None
    compile_rules(model, file, problems)
    assert not problems.found
    return problems.doubts


def test_a_mistake_in_a_block_text_is_named_with_its_own_line() -> None:
    """Not only with that of its rule."""
    _, problems = read("rules:\n  - id: a\n    reply: |\n      one\n      two {{ nmae }}\n")
    assert problems[0].startswith("rules.yaml:5: unknown fact 'nmae'")


@pytest.mark.parametrize(
    "mistake",
    [
        "keywords: '?!'",
        "matches: '(?=x)'",
        "when: moon == 1",
        "limit: every moon",
        "note: 'Hi {{ nmae }}'",
        "notify: 'Hi {{ nmae }}'",
    ],
)
def test_a_mistake_in_a_key_is_named_with_the_line_of_the_key(mistake: str) -> None:
    """A rule may have many lines."""
    _, [problem] = read(f"rules:\n  - id: a\n    reply: A\n    {mistake}\n")
    assert problem.startswith("rules.yaml:4: ")


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
        ("{id: a, away: false, reply: A}", "{id: b, away: false, reply: B}"),
        ("{id: a, away: false, reply: A}", "{id: b, away: false, first_message: true, reply: B}"),
    ],
)
def test_a_rule_that_can_never_fire_is_found(before: str, after: str) -> None:
    """Where one before it always decides on no more conditions."""
    _, problems = read(f"rules:\n  - {before}\n  - {after}\n")
    assert len(problems) == 1
    assert "rules.yaml:3: the rule 'b' can never fire: 'a' (rules.yaml:2)" in problems[0]


CONDITIONS = (
    "keywords: {any: [tea, cup]}",
    "keywords: {any: [tea]}",
    "keywords: {all: [tea, cup]}",
    "keywords: {all: [tea], not: [pot]}",
    "keywords: {any: [cup], all: [pot]}",
    "matches: [x, y]",
    "matches: y",
    "away: true",
    "first_message: false",
    "when: turns > 1",
    "when: turns > 1 && agents_online > 0",
)
EFFECTS = ("reply: A", "continue: true, tag: t", "limit: once per conversation, reply: A")


@given(st.lists(st.tuples(st.sets(st.sampled_from(CONDITIONS)), st.sampled_from(EFFECTS))))
def test_the_quick_search_finds_what_comparing_all_rules_finds(
    made: list[tuple[set[str], str]],
) -> None:
    """Each rule that can never fire, and the first one before it that takes its place."""
    lines = []
    for number, (conditions, effect) in enumerate(made):
        keys = {text.partition(":")[0]: text for text in sorted(conditions)}
        lines.append(f"  - {{{', '.join([f'id: r{number}', effect, *keys.values()])}}}\n")
    problems = Problems()
    file = parse_yaml("rules:\n" + "".join(lines) if lines else "rules: []", "r.yaml", problems)
    assert file is not None
    model = validate(RulesFile, file, problems)
    assert model is not None
    found = compile_rules(model, file, problems).first
    expected = [
        (rule.id, next(one.id for one in found[:index] if one.decides_always and rule.implies(one)))
        for index, rule in enumerate(found)
        if any(one.decides_always and rule.implies(one) for one in found[:index])
    ]
    said = [re.findall(r"'(r\d+)'", str(problem))[:2] for problem in problems.found]
    assert [tuple(one) for one in said] == expected


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("{id: a, reply: A}", "has no conditions"),
        ("{id: a, away: true, reply: A}", "asks for no more than this one"),
    ],
)
def test_a_rule_that_can_never_fire_is_told_why(before: str, why: str) -> None:
    """By what the one before it asks for."""
    _, [problem] = read(f"rules:\n  - {before}\n  - {{id: b, away: true, reply: B}}\n")
    assert f"stands before it and {why} (" in problem


@pytest.mark.parametrize(
    ("before", "after"), [("turns > 1", "turns < 1"), ("text == 'a b'", "text == 'ab'")]
)
def test_a_rule_after_another_expression_is_fine(before: str, after: str) -> None:
    """Only the same parts are taken for the same condition."""
    rules(f"""
        rules:
          - {{id: a, when: "{before}", reply: A}}
          - {{id: b, when: "{after}", reply: B}}
        """)


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
        "{id: a, away: true, reply: A}",
    ],
)
def test_a_rule_after_one_that_may_not_decide_is_fine(before: str) -> None:
    """Limits, going on and other conditions leave room."""
    rules(f"rules:\n  - {before}\n  - {{id: b, keywords: tea, away: false, reply: B}}\n")


def test_an_id_is_used_once_in_the_whole_file() -> None:
    """Limits are remembered by it."""
    _, problems = read("rules: [{id: a, reply: A}]\notherwise:\n  - {id: a, reply: B}\n")
    assert len(problems) == 1
    assert problems[0].startswith("rules.yaml:3: the id 'a' is used twice (the first is in rules.y")


def test_an_id_that_is_used_twice_is_named_with_its_own_line() -> None:
    """It need not stand first in its rule."""
    rule = "  - reply: A\n    id: a\n"
    _, [problem] = read(f"rules:\n{rule}{rule}")
    assert problem.startswith("rules.yaml:5: ")


def test_conditions_are_asked_the_cheapest_first() -> None:
    """In whatever order they are written: the opening hours must be computed."""
    [rule] = compiled("""
        rules:
          - id: a
            when: turns > 1
            away: true
            outside_hours: true
            matches: x
            keywords: tea
            nobody_online: true
            first_message: true
            reply: A
        """).first
    asked = [one.fact if isinstance(one, Flag) else type(one) for one in rule.conditions]
    hours = ["outside_hours", "away"]
    assert asked == ["first_message", "nobody_online", KeywordsIn, PatternIn, *hours, CelCondition]


def test_limits_are_read_in_several_words() -> None:
    """As people write them."""
    assert parse_limit("Once per conversation") is ONCE
    assert parse_limit("once a day") == timedelta(days=1)
    assert parse_limit("once per hour") == timedelta(hours=1)
    assert parse_limit("once per week") == timedelta(weeks=1)
    assert parse_limit("every 90 minutes") == timedelta(minutes=90)


@pytest.mark.parametrize("text", ["90 minutes", "per day", "once", ""])
def test_what_does_not_say_how_often_is_no_limit(text: str) -> None:
    """It might as well be the shortest pause as the longest."""
    with pytest.raises(ValueError, match="limit"):
        parse_limit(text)
