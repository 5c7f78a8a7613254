"""What all tests share: the long form, and hypothesis without a clock."""

from __future__ import annotations

import hypothesis
import pytest

hypothesis.settings.register_profile("agentbot", deadline=None, print_blob=True)
hypothesis.settings.load_profile("agentbot")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``."""
    parser.addoption("--long", action="store_true", help="run the long forms of tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms out unless asked for."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether the long form was asked for, for tests that scale their own rounds."""
    return bool(pytestconfig.getoption("--long"))
