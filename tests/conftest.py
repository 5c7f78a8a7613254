"""What all tests share: the long form, real time, hypothesis without a clock, one model server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import hypothesis
import pytest
from llmock.pytest_plugin import LLMock

from tests.support import blocking, realtime
from tests.support.stalls import stalling

hypothesis.settings.register_profile("agentbot", deadline=None, print_blob=True)
# For a run beside another one that looks for new examples (--hypothesis-profile quick): a quarter
# of the examples, and the same ones each time, so that what they reach is the same too.
hypothesis.settings.register_profile(
    "quick", hypothesis.settings.get_profile("agentbot"), max_examples=25, derandomize=True
)
hypothesis.settings.load_profile("agentbot")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long`` and ``--stalls``."""
    parser.addoption("--long", action="store_true", help="run the long forms of tests too")
    parser.addoption(
        "--stalls", metavar="SEED", type=int, help="stand still now and then, as a busy machine"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let tests in real time have a limit, and one of them a second chance; begin to stall."""
    realtime.register(config)
    seed = config.getoption("--stalls")
    if seed is not None:
        with ExitStack() as until_the_end:
            until_the_end.enter_context(stalling(seed))
            config.add_cleanup(until_the_end.pop_all().close)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what runs in real time, and leave the long forms out unless asked for."""
    for item in items:
        realtime.mark(item, Path(__file__).parent)
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Return whether the long form was asked for, for tests that scale their own rounds."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(autouse=True)
def no_blocking_calls(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the layers on the event loop that blocks it."""
    if not blocking.is_watched(request.node, Path(__file__).parent):
        yield
        return
    with blocking.blocking_calls() as found:
        yield
    assert not found, f"blocking calls on the event loop: {found}"


@pytest.fixture
def llmock(llmock: LLMock, monkeypatch_session: pytest.MonkeyPatch) -> LLMock:
    """Return the scripted server of language models, with random numbers of its own.

    It runs in a thread for the whole session and, where it was told to be slow, draws a number
    long after the test that asked it has ended. Drawn from Python's shared generator, that number
    makes Hypothesis fail whichever test is generating data at that moment.
    """
    monkeypatch_session.setattr("llmock.chaos.random", Random(0))  # noqa: S311 - not a secret
    return llmock


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """Yield a monkeypatch whose changes last for the session."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
