"""Threads take turns quickly, what stays is not collected again, what is free is given back."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from agentbot.cli.interpreter import (
    collect_what_comes,
    give_back_memory,
    let_the_loop_go_first,
    put_off_collecting,
    stop_collecting_what_stays,
)


class Node:
    """Something that may refer to itself."""

    me: Node


@pytest.fixture
def thawed() -> Iterator[None]:
    """Let the tests that follow collect, and switch threads, as before."""
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("thawed")
def test_what_was_there_is_left_out_and_what_comes_is_collected() -> None:
    """A circle that is there already stays; one that comes later is found."""
    early, late = Node(), Node()
    early.me = early
    stop_collecting_what_stays()
    assert gc.get_freeze_count() > 0
    late = Node()
    late.me = late
    kept, gone = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert kept() is not None
    assert gone() is None


@pytest.mark.usefixtures("thawed")
def test_while_libraries_are_loaded_nothing_is_collected() -> None:
    """What is there by the end of it stays; afterwards it goes on as before."""
    put_off_collecting()
    try:
        assert not gc.isenabled()
        before = gc.get_freeze_count()
    finally:
        collect_what_comes()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before


@pytest.mark.usefixtures("thawed")
def test_what_was_there_is_freed_by_its_last_reference() -> None:
    """Such as the FAQ before an edit."""
    one = Node()
    stop_collecting_what_stays()
    gone = weakref.ref(one)
    del one
    assert gone() is None


@pytest.mark.usefixtures("thawed")
def test_threads_take_turns_more_often_than_by_default() -> None:
    """The event loop waits for one that computes each time that it has something to do."""
    before = sys.getswitchinterval()
    let_the_loop_go_first()
    assert sys.getswitchinterval() <= before / 10


def test_where_the_library_cannot_give_back_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And where it can it is asked to."""
    asked: list[int] = []

    class Library:
        def malloc_trim(self, left: int) -> int:
            asked.append(left)
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    give_back_memory()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library())
    give_back_memory()
    assert asked == [0]
