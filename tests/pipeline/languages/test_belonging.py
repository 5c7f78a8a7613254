"""Proves `agentbot.pipeline.languages.belonging`: each language has what binds figures."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.words import fold


def test_every_language_with_a_pack_has_its_words() -> None:
    """None is left out."""
    assert set(all_belonging()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_each_day_has_a_short_name_and_no_two_share_one(code: Language) -> None:
    """Else a range could not be read."""
    short = all_belonging()[code].days.short
    names = [fold(name) for day in short for name in day]
    assert all(short)
    assert len(names) == len(set(names))
