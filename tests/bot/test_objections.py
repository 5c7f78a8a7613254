"""The table of objections: what each is called in the journal, and what follows from it.

Which of several weighs most is tested with ``turns/watch.py``, and what a turn makes of each
consequence with ``turns/attempt.py``.
"""

from __future__ import annotations

import pytest

from agentbot.bot import objections
from agentbot.bot.objections import Consequence, Objection, of_guard
from agentbot.pipeline.decision import Reason, Silence


@pytest.mark.parametrize(
    ("objection", "code", "consequence"),
    [
        (objections.LEASE_LOST, "lease_lost", Consequence.HAND_BACK),
        (objections.DRAINING, "draining", Consequence.HAND_BACK),
        (objections.PERSON, "person", Consequence.KEEP_SILENT),
        (objections.CLOSED, "closed", Consequence.KEEP_SILENT),
        (objections.ASSIGNED, "assigned", Consequence.TAKE_ANEW),
        (objections.SUPERSEDED, "superseded", Consequence.TAKE_ANEW),
        (objections.RECONNECTED, "reconnected", Consequence.TAKE_ANEW),
        (objections.CHANGED, "changed", Consequence.TAKE_ANEW),
    ],
)
def test_each_objection_has_its_code_and_its_consequence(
    objection: Objection, code: str, consequence: Consequence
) -> None:
    """Nobody else decides what follows; the codes stand in the journal."""
    assert objection.reason.code == code
    assert objection.reason.text
    assert objection.consequence is consequence


def test_the_table_is_tested_whole() -> None:
    """An objection that is added needs a line above."""
    named = [name for name, one in vars(objections).items() if isinstance(one, Objection)]
    assert len(named) == 8


def test_a_guards_reason_keeps_the_bot_silent() -> None:
    """What a guard says in the last moment is what it would have said at first."""
    reason = Reason("snoozed", "snoozed for 2 minutes more")
    assert of_guard(Silence(reason=reason)) == Objection(reason, Consequence.KEEP_SILENT)
