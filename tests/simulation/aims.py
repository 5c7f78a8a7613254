"""What is aimed at which phase: every kind of fault at every phase of a turn, and people's deeds.

Phases of milliseconds are never met by chance. So half of the worlds have a few aims each, by
their seed: all of them come round again and again as seeds go up.
"""

from __future__ import annotations

from random import Random

from tests.simulation.faults import KINDS
from tests.simulation.plan import CUSTOMER, PERSON, Aim
from tests.simulation.table import MAY_BE_EMPTY
from tests.simulation.turns import Phase

_A_WORLD = 4
"""Aims of one world."""
_DEEDS = ("reply", "close", "take", "delete")

_OFTEN = (*(f"{PERSON}{deed}" for deed in _DEEDS), "stop", "outlive lease")
"""What each phase must live through several times (``rare.py``), not once."""
_LASTING = ("unreachable", "restart server", "bad gate", "restart again and again", "long outage")
"""After which nothing happens for some time: they come last in a world."""


_BRIEF: dict[object, int] = {
    Phase.CHECKPOINTING: 2,
    ("kill", Phase.ACTING): 6,
    (f"{PERSON}take", Phase.ACTING): 3,
}
"""How many times as often is aimed at what is over so soon that most aims miss it."""


def _all_aims() -> list[Aim]:
    """Return all aims in an order without any: neighbours are of different kinds."""
    times = {**dict.fromkeys((*KINDS, CUSTOMER), 1), **dict.fromkeys(_LASTING, 2)}
    times |= {**dict.fromkeys(_OFTEN, 4), "kill": 9, "drop shout": 2}
    aims = [
        Aim(what, phase)
        for what, many in times.items()
        for phase in Phase
        if (what, phase) not in MAY_BE_EMPTY
        for _ in range(many * _BRIEF.get((what, phase), _BRIEF.get(phase, 1)))
    ]
    Random("aims").shuffle(aims)  # noqa: S311 - to be had again
    return aims


_AIMS = _all_aims()

ORDERS = (
    *["hello ?"] * 5,
    *["think 0.5 ?"] * 2,
    *["think 3 ?"] * 3,
    "tag ?",
    *["pass ?"] * 3,
    *["close ?"] * 3,
    *["person ?"] * 2,
    "assign ?",
    "assign person ?",
    "notify ?",
    *["mail"] * 2,
)
"""What customers say in a world with aims: so that turns come by every phase."""


def aims_of(seed: int) -> tuple[Aim, ...]:
    """Return what is aimed in the world of ``seed``; nothing in every other one."""
    if seed % 2 == 0:
        return ()
    first = _A_WORLD * (seed // 2)
    aims = (_AIMS[(first + number) % len(_AIMS)] for number in range(_A_WORLD))
    return tuple(sorted(aims, key=lambda aim: aim.what in _LASTING))
