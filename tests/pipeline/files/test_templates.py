"""Texts with fields: mistakes are found at loading, and no text can reach out or run long."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.templates import MAX_OUTPUT, Template, TemplateProblem
from agentbot.pipeline.known_facts import ROOTS, sample_facts


def test_fields_are_filled_in() -> None:
    """Of facts, with conditions and filters."""
    template = Template(
        "Hi {{ customer.first_name or 'there' }}{% if nobody_online %}, alone{% endif %}!", ROOTS
    )
    assert template.names == {"customer", "nobody_online"}
    assert template.render(sample_facts()) == "Hi Vera, alone!"


def test_a_text_without_fields_is_itself() -> None:
    """Trimmed, and it needs no facts."""
    template = Template("  Just *this*.\n", ROOTS)
    assert template.names == frozenset()
    assert template.render({}) == "Just *this*."


@pytest.mark.parametrize(
    ("source", "line", "problem", "remedy"),
    [
        ("Hi {{ costumer.name }}", 1, "unknown fact 'costumer'", "did you mean 'customer'?"),
        ("Hi\n{{ customer.nmae }}", 2, "unknown fact 'customer.nmae'", "did you mean 'name'?"),
        ("{{ text | uper }}", 1, "No filter named 'uper'", "did you mean 'upper'?"),
        ("a\nb\n{% if text %}c", 3, "template", "close every"),
        ("{{ text", 1, "template", "}}"),
        ("{{ text.upper() }}", 1, "calls", "filter"),
        ("{% include 'x' %}", 1, "include", ""),
        ("{% macro m() %}{{ m() }}{% endmacro %}", 1, "macro", ""),
        ("{% for a in [1] %}" * 3 + "{% endfor %}" * 3, 1, "nested", ""),
    ],
)
def test_what_is_wrong_is_found_when_it_is_loaded(
    source: str, line: int, problem: str, remedy: str
) -> None:
    """With its line and a remedy."""
    with pytest.raises(TemplateProblem) as caught:
        Template(source, ROOTS)
    assert caught.value.line == line
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{% for i in range(100000) %}x{% endfor %}",
        "{% for i in range(100) %}{% for j in range(100) %}xxxxx{% endfor %}{% endfor %}",
        "{{ text.__class__ }}",
        "{{ customer.metadata.nothing }}",
        "{{ 1 / 0 }}",
        "{{ text + 1 }}",
        "{{ text | round }}",
    ],
)
def test_what_goes_wrong_when_it_runs_is_one_kind_of_error(source: str) -> None:
    """Nothing expensive, nothing undefined, nothing of Python's inside."""
    with pytest.raises(TemplateProblem):
        Template(source, ROOTS).render(sample_facts())


def test_an_output_up_to_the_limit_is_fine() -> None:
    """The limit is what the caller says."""
    template = Template("{{ text }}", ROOTS)
    assert len(template.render({"text": "x" * MAX_OUTPUT})) == MAX_OUTPUT
    with pytest.raises(TemplateProblem, match="grows"):
        template.render({"text": "xxxx"}, limit=3)


def test_what_a_customer_writes_is_never_a_template() -> None:
    """Fields are filled in once."""
    facts = {**sample_facts(), "text": "{{ agents_online }}{% if %}"}
    assert Template("You said: {{ text }}", ROOTS).render(facts).endswith("{% if %}")


def test_names_that_a_template_binds_are_its_own() -> None:
    """Loops and sets need no facts."""
    template = Template(
        "{% set who = customer.name %}{% for tag in conversation.tags %}{{ loop.index }} {{ tag }}"
        " {{ who }}{% endfor %}",
        ROOTS,
    )
    assert template.names == {"customer", "conversation"}
    assert template.render(sample_facts()) == "1 vip Vera Visitor"
