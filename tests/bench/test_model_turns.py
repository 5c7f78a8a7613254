"""The benchmark of a model's turns, in its shortest form: as many are asked as it says."""

from __future__ import annotations

import pytest

from tests.bench.model_turns import Layer, measure, table


@pytest.mark.parametrize("layer", ["call", "pipeline"])
async def test_turns_are_counted_against_the_ideal(layer: Layer) -> None:
    """Both ways; no more of the ideal is reached than there is."""
    found = [
        await measure(layer, streams=streams, in_flight=4, rounds=2, seconds=0.05)
        for streams in (True, False)
    ]
    for one in found:
        assert one.turns == 8
        assert 0 < one.of_ideal <= 1
        assert one.cpu_ms > 0
    assert "streamed" in table([found])
