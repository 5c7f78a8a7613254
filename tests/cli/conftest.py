"""What the tests of the commands share: one warm process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.warm_commands import WARM


@pytest.fixture(scope="session", autouse=True)
def warm_commands() -> Iterator[None]:
    """End the process that commands are forks of, where a test has needed it."""
    with WARM:
        yield
