"""The diagram of a channel's states is true: walks at random find nothing that it does not say."""

from __future__ import annotations

import random

import pytest

from agentbot.phoenix.channel import ChannelState
from tests.generated.channel import INPUTS, Node, Trial, explore, transitions

WALKS, STEPS = 200, 80
"""Enough to come to ten failures in a row now and then; all of it takes half a second."""


@pytest.mark.parametrize("seed", range(4))
def test_nothing_else_decides_what_comes(seed: int) -> None:
    """Wherever a walk has been: from one node the same input always leads to the same other one."""
    known, chance = explore(), random.Random(seed)  # noqa: S311 - no secret
    usual = ["the join is refused", "time passes", "the connection opens", "join"]
    for _ in range(WALKS):
        trial = Trial()
        for _ in range(STEPS):
            before = trial.node
            name = chance.choice([*INPUTS, *usual * chance.choice((0, 3))])
            trial.do(name)
            assert trial.node == known[before, name], (before, name)


def test_a_topic_is_given_up_at_the_tenth_failure_in_a_row() -> None:
    """What a walk of single inputs from each state alone would not have found."""
    refused = {
        before.failures
        for (before, name), after in explore().items()
        if name == "the join is refused"
        and (before.state, after.state) == (ChannelState.JOINING, ChannelState.CLOSED)
    }

    assert refused == {9}


def test_an_input_that_may_lead_to_several_states_needs_words() -> None:
    """Or the page would not say which."""
    closed, open_ = Node(ChannelState.CLOSED, is_open=False), Node(ChannelState.CLOSED)
    joining, joined = Node(ChannelState.JOINING), Node(ChannelState.JOINED)

    with pytest.raises(AssertionError, match="join leads to"):
        transitions({(closed, "join"): joining, (open_, "join"): joined})
    assert transitions({(closed, "join"): joining, (open_, "join"): joining}) == {
        (ChannelState.CLOSED, ChannelState.JOINING): ["join"]
    }
