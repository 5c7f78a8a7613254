"""What is wrong with a rule is noted at its own line, and its texts are tried there."""

from __future__ import annotations

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import parse_yaml
from agentbot.pipeline.rules.place import RulePlace

_FILE = """\
rules:
  - id: first
    reply: "{{ company.phone }}"
  - id: second
    choose:
      - "A"
      - "{{ comapny.phone }}"
    note: "{{ match.order }}"
"""


def place(index: int, problems: Problems) -> RulePlace:
    """Return the place of a rule of the file, in a company with a telephone."""
    file = parse_yaml(_FILE, "rules.yaml", Problems())
    assert file is not None
    return RulePlace(file, ("rules", index), problems, {"phone": "12345"})


def test_a_problem_is_noted_where_it_stands() -> None:
    """At the rule, or at one of its keys."""
    problems = Problems()
    one = place(1, problems)
    one.note(problem="is odd")
    one.note("choose", 1, problem="is odder", remedy="mend it")

    assert str(one) == "rules.yaml:4"
    assert [str(found) for found in problems.found] == [
        "rules.yaml:4: is odd",
        "rules.yaml:7: is odder (mend it)",
    ]


def test_a_text_is_tried_with_what_it_may_use() -> None:
    """The company's facts, and what the rule has besides."""
    problems = Problems()
    template = place(0, problems).text("{{ company.phone }} {{ match.order }}", "reply", more=_MORE)

    assert template is not None
    said = template.render({"company": {"phone": "12345"}, "match": {"order": "F1"}})
    assert (said, problems.found) == ("12345 F1", [])


def test_a_text_that_cannot_be_said_is_none() -> None:
    """What it may not use is noted at its line."""
    problems = Problems()

    assert place(1, problems).text("{{ comapny.phone }}", "choose", 1, more=_MORE) is None
    assert [one.place for one in problems.found] == ["rules.yaml:7"]


def test_words_for_people_have_no_facts_of_the_company() -> None:
    """They know them; what the rule has found they do not."""
    problems = Problems()
    one = place(1, problems)

    assert one.words("{{ match.order }}", "note", more=_MORE) is not None
    assert one.words("{{ company.phone }}", "note", more=_MORE) is None
    assert [one.place for one in problems.found] == ["rules.yaml:8"]


_MORE = {"match": {"order": "F1"}}
