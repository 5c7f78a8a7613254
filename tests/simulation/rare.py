"""stub"""
from __future__ import annotations
from collections.abc import Callable
from tests.simulation.turns import Event, Follower


class Rarities:
    def __init__(self, follower: Follower, count: Callable[[str], None], now: Callable[[], float]) -> None:
        pass

    def look(self, event: Event) -> None:
        pass
