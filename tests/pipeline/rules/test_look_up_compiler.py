"""A rule's look-up is checked when it is loaded: its tool, what that is told, and what is used."""

from __future__ import annotations

import pytest

from tests.support.rules import read
from tests.support.tools import read_tools, tool

_PATTERN = r"matches: '(?P<order>[A-Z]{2}\d{6})'"


def _problems(keys: str) -> list[str]:
    text = f"rules:\n  - id: a\n    {_PATTERN}\n" + "".join(
        f"    {one}\n" for one in keys.split("|")
    )
    return read(text, tools=(tool(),))[1]


@pytest.mark.parametrize(
    "keys",
    [
        "look_up: order_status|reply: '{{ result.id }} is {{ result.status }}'",
        "look_up: {tool: order_status, order: '{{ match.order }}'}|reply: '{{ result.id }}'",
        "look_up: order_status|choose: ['{{ result.id }}', '{{ match.order }}']|tag: order",
        "look_up: order_status|reply: A|note: '{{ result.id }}'|notify: '{{ match.order }}'",
        "look_up: order_status|reply: A|on_failure: hand_over",
        "look_up: order_status|reply: A|on_failure: 'No {{ match.order }}.'",
        "look_up: order_status|reply: A|on_failure: {reply: B, hand_over: true}",
        "look_up: order_status|reply: A|on_failure: {not_found: N, timed_out: hand_over}",
        "look_up: order_status|reply: A|on_failure: {missing: {reply: M, hand_over: true}}",
        "look_up: order_status|reply: A|hand_over: true",
        "look_up: {tool: order_status, order: FF123456}|reply: A",
    ],
)
def test_what_fits_is_good(keys: str) -> None:
    """Short or long; the order's number has a source, and need not be told."""
    assert _problems(keys) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("look_up: order|reply: A", "rules.yaml:4: there is no tool 'order' ("),
        ("look_up: weather|reply: '{{ result.x }}'", "there is no tool 'weather' (known: order_s"),
        ("look_up: {order: x}|reply: A", "rules.yaml:4: the key 'tool' is missing"),
        (
            "look_up: {tool: order_status, oder: x}|reply: A",
            "has no parameter 'oder' (did you mean",
        ),
        ("look_up: {tool: order_status, order: x}|reply: A", "'x' cannot be sent: order does not"),
        ("look_up: {tool: order_status, order: 7}|reply: A", "'order' must be text, not 7"),
        ("look_up: {tool: order_status, order: '{{ x }}'}|reply: A", "unknown fact 'x'"),
        ("look_up: {tool: order_status, order: '{{ match.no }}'}|reply: A", "fact 'match.no'"),
        (
            "look_up: order_status|reply: '{{ result.price }}'",
            "rules.yaml:5: unknown fact 'result.p",
        ),
        ("look_up: order_status|reply: '{{ match.number }}'", "unknown fact 'match.number'"),
        ("look_up: order_status|reply: A|note: '{{ result.x }}'", "rules.yaml:6: unknown fact"),
        ("look_up: order_status|reply: A|on_failure: '{{ result.id }}'", "unknown fact 'result'"),
        ("look_up: order_status|reply: A|on_failure: {lost: B}", "unknown key 'lost'"),
        ("look_up: order_status|reply: A|on_failure: {hand_over: false}", "nothing would be said"),
        ("look_up: order_status|reply: A|on_failure: {not_found: {}}", "nothing would be said"),
        ("look_up: order_status|reply: '{{ result.id + 1 }}'", "the template fails"),
        ("look_up: order_status|hand_over: true", "'look_up' needs a 'reply' or 'choose' (say"),
        ("look_up: order_status|continue: true|tag: a", "'look_up' needs a 'reply'"),
        ("reply: A|on_failure: hand_over", "'on_failure' stands without 'look_up'"),
        ("reply: '{{ result.id }}'", "unknown fact 'result'"),
        ("reply: '{{ match.order }}'", "unknown fact 'match'"),
    ],
)
def test_each_mistake_is_named(keys: str, said: str) -> None:
    """Once, with its line and what to write."""
    (problem,) = _problems(keys)
    assert said in problem


def test_what_has_no_source_must_be_told() -> None:
    """The customer would wait for what can never be asked."""
    (made,), _ = read_tools(
        """
        tools:
          - {name: stock, about: A., url: 'https://a.example/{article}', result: [left],
             parameters: {article: {}}}
        """
    )
    _, problems = read("rules:\n  - {id: a, look_up: stock, reply: A}", tools=(made,))
    (problem,) = problems
    assert "rules.yaml:2: the tool 'stock' must be told 'article'" in problem
    assert "add article: '{{ match.article }}'" in problem


def test_a_pattern_that_tells_no_groups_is_named() -> None:
    """With the line of the patterns."""
    text = "rules:\n  - id: a\n    matches: '(?P<x>(a+)+)'\n    look_up: order_status\n    reply: A"
    _, problems = read(text, tools=(tool(),))
    (problem,) = problems
    assert problem.startswith("rules.yaml:3: the regular expression")


def test_a_rule_that_may_pass_hides_none_after_it() -> None:
    """Without the order's number the next one with the same words is asked."""
    text = """
    rules:
      - {id: a, keywords: order, look_up: order_status, reply: A}
      - {id: b, keywords: order, reply: "Which one?"}
      - {id: c, keywords: order, reply: Never.}
    """
    _, problems = read(text, tools=(tool(),))
    (problem,) = problems
    assert "the rule 'c' can never fire" in problem


_LINES = """
rules:
  - id: a
    matches: '(?P<order>[A-Z]{2}[0-9]{6})'
    look_up:
      tool: TOOL
      order: 'ORDER'
    reply: A
    on_failure:
      reply: 'REPLY'
      not_found:
        reply: 'NOT_FOUND'
      timed_out:
        reply: 'TIMED_OUT'
      missing:
        reply: 'MISSING'
"""


@pytest.mark.parametrize(
    ("key", "wrong", "line"),
    [
        ("TOOL", "order_state", 6),
        ("ORDER", "{{ x }}", 7),
        ("ORDER", "nonsense", 7),
        ("REPLY", "{{ x }}", 10),
        ("NOT_FOUND", "{{ x }}", 12),
        ("TIMED_OUT", "{{ x }}", 14),
        ("MISSING", "{{ x }}", 16),
    ],
)
def test_each_problem_has_its_own_line(key: str, wrong: str, line: int) -> None:
    """However deep it stands."""
    text = _LINES.replace(key, wrong)
    for other in ("TOOL", "ORDER", "REPLY", "NOT_FOUND", "TIMED_OUT", "MISSING"):
        right = {"TOOL": "order_status", "ORDER": "{{ match.order }}"}.get(other, "Sorry.")
        text = text.replace(other, right)
    _, problems = read(text, tools=(tool(),))
    (problem,) = problems
    assert problem.startswith(f"rules.yaml:{line}: ")


def test_what_must_be_told_is_asked_for_at_its_own_line() -> None:
    """At the look-up, not at the rule."""
    (made,), _ = read_tools(
        """
        tools:
          - {name: stock, about: A., url: 'https://a.example/{article}', result: [left],
             parameters: {article: {}}}
        """
    )
    rules = "rules:\n  - id: a\n    reply: A\n    look_up:\n      tool: stock\n      artikle: x"
    _, problems = read(rules, tools=(made,))
    assert [problem.partition(" ")[0] for problem in problems] == ["rules.yaml:6:", "rules.yaml:4:"]


def test_groups_are_tried_with_something_in_them() -> None:
    """A text that divides by their length is good."""
    text = _LINES.replace("reply: A", "reply: '{{ 8 / (match.order | length) }}'")
    _, problems = read(
        text.replace("TOOL", "order_status").replace("ORDER", "FF123456"), tools=(tool(),)
    )
    assert problems == []
