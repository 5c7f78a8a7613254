"""A mapping that forgets what lies longest back: for whatever is remembered within a bound."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Latest(OrderedDict[K, V]):
    """The ``most`` keys that were set last, in that order."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        """Set a key, and forget the one that was set longest ago where there is no room."""
        if key in self:  # asked first: it is new nearly always, and moving costs as much as setting
            self.move_to_end(key)
        super().__setitem__(key, value)
        if len(self) > self._most:
            self.popitem(last=False)
