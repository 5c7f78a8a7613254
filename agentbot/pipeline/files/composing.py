"""YAML composed by libyaml's parser where it is there: a third of the time, the same nodes.

Only the parser: libyaml's own composer takes the process down where a text is nested too deeply.
"""

from __future__ import annotations

import contextlib
from typing import Any

import yaml
from yaml.composer import Composer

_LOADERS: list[Any] = []
"""The loader on libyaml's parser; empty where PyYAML was built without."""

with contextlib.suppress(ImportError):
    from yaml import CSafeLoader

    class _Loader(Composer, CSafeLoader):
        """A composer in Python, the first of the two, of what libyaml has parsed."""

        def __init__(self, stream: str) -> None:
            CSafeLoader.__init__(self, stream)
            Composer.__init__(self)

    _LOADERS.append(_Loader)


def compose(text: str) -> yaml.Node | None:
    """Return the root of a YAML text, of plain YAML 1.1; None where it is empty.

    Raises ``yaml.YAMLError``, and ``RecursionError`` where it is nested too deeply.
    """
    node: yaml.Node | None
    for loader in _LOADERS:
        # What is wrong PyYAML's own parser says better.
        with contextlib.suppress(yaml.YAMLError, UnicodeError):
            node = yaml.compose(text, Loader=loader)
            return node
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return node
