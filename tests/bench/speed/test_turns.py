"""The bars of turns (`turns.py`), in a short form: the real bot and the yardstick under load."""

from __future__ import annotations

from pathlib import Path

from tests.bench.speed.bot import SQLITE, bot
from tests.bench.speed.options import Options
from tests.bench.speed.rooms import room_of, shares
from tests.bench.speed.sides import YARDSTICK, Scale
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import measure


def test_nothing_is_lost_and_nothing_doubled() -> None:
    """Whatever it costs: no time is judged here."""
    sides = {
        "yardstick": YARDSTICK,
        "bot": bot(SQLITE, others={"AGENTBOT_CATCH_UP__SETTLE_SECONDS": "0"}),
    }
    wanted = Options(rounds=1, seconds=0.1)

    seen = measure(sides, wanted, scale=Scale(conversations=8, history=2), warm_up=16)

    assert set(seen) == {(name, in_flight) for name in sides for in_flight in (1, 64)}
    for (figures,) in seen.values():
        assert figures.turns >= 1
        assert (figures.lost, figures.doubled) == (0, 0)
        assert figures.cpu > 0


def test_a_row_says_whether_it_reaches_its_bar() -> None:
    """By its ratio, or where it has none by its median."""
    figure = Figure((3.0, 1.0, 2.0), "s")

    assert figure.spread == 0.5
    assert Row("4", "a", figure, 2.5, Bar(2, is_most=True)).is_short
    assert not Row("4", "a", figure, None, Bar(2, is_most=True)).is_short
    assert "±50%" in str(Table("t", [Row("1", "a", figure, 0.9, Bar(0.8, 1.5))]))


def test_a_stack_belongs_to_its_innermost_known_place(tmp_path: Path) -> None:
    """A library called by a room is that room's only where it has none of its own."""
    stacks = tmp_path / "stacks"
    stacks.write_text(
        "asyncio/events.py:run;agentbot/bot/bot.py:on;agentbot/state/sqlite/store.py:claim 3\n"
        "asyncio/events.py:run;agentbot/bot/bot.py:on;structlog/stdlib.py:info;re.py:sub 1\n"
    )

    assert room_of(["agentbot/bot/bot.py:on", "structlog/stdlib.py:info"]) == "log"
    assert room_of(["asyncio/events.py:run"]) == "event loop"
    assert " 75.0%  state" in shares(stacks)
