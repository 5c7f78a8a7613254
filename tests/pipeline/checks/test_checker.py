"""Proves `agentbot.pipeline.checks.checker`: what may be said, and what speaks against it."""

from __future__ import annotations

from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.checks.draft import Code, Draft
from agentbot.pipeline.knowledge.passage import Passage

RETURNS = Passage("returns", "How do I return something?", "You may return it within 30 days.")


def test_what_stands_in_a_source_may_be_said() -> None:
    """An answer in a source's words goes out."""
    assert not Checker().check(Draft("You may return it within 30 days.", sources=(RETURNS,)))


def test_what_stands_in_no_source_is_found_with_its_claim() -> None:
    """A sentence that nothing supports is named; the one beside it is not."""
    text = "You may return it within 30 days. Our tea comes from Darjeeling."
    found = Checker().check(Draft(text, sources=(RETURNS,)))
    assert [(one.code, one.claim) for one in found] == [
        (Code.UNSUPPORTED, "Our tea comes from Darjeeling.")
    ]
