"""Ids that come again for a seed."""

from __future__ import annotations

from agentbot.devserver.store.ids import Ids


def test_a_seed_gives_the_same_ids_again_and_another_seed_others() -> None:
    """For simulations that must be replayed."""
    one, again, other = Ids.seeded(1), Ids.seeded(1), Ids.seeded(2)
    made = [(ids.uuid("message"), ids.phx_ref(), ids.token()) for ids in (one, again, other)]
    assert made[0] == made[1] != made[2]
    assert one.uuid("message") != made[0][0]
