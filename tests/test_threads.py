"""Threads for what takes long step back, and compute one at a time, in the order of their coming.

Proves agentbot/threads.py.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from agentbot.threads import (
    ThreadsLeftBehind,
    _Queue,
    in_turn,
    step_back,
    threads_that_step_back,
)
from tests.support.timing import TIMEOUT_SCALE


def test_what_takes_long_steps_back() -> None:
    """In threads of its own, behind the event loop, where the system can tell threads apart."""
    with threads_that_step_back() as threads:
        nice = threads.submit(lambda: os.getpriority(os.PRIO_PROCESS, 0)).result()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert nice == min(own + 10, 19) or sys.platform != "linux"


@pytest.mark.parametrize(("own", "behind"), [(0, 10), (5, 15), (15, 19), (19, 19), (-5, 5)])
def test_a_process_with_a_niceness_of_its_own_steps_back_from_there(
    own: int, behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is less than its own, the system forbids whoever is not root."""
    told: list[int] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "getpriority", lambda *_: own)
    monkeypatch.setattr(os, "setpriority", lambda _which, _who, nice: told.append(nice))
    step_back()
    assert told == [behind]


def test_where_it_is_forbidden_threads_work_as_they_are(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is said."""

    def forbidden(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "setpriority", forbidden)
    with threads_that_step_back() as threads:
        assert threads.submit(lambda: 1).result() == 1
    assert "do not step back" in caplog.text


def test_elsewhere_a_priority_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be the whole process's, and the event loop's with it."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "setpriority", raising=False)
    step_back()


def test_one_computes_at_a_time_and_who_came_first_goes_first() -> None:
    """However many wait: none is overtaken, though one comes back again and again."""
    began, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def long() -> None:
        began.set()
        may_end.wait(10)
        order.append("long")

    def learn() -> None:
        in_turn(long)
        in_turn(lambda: order.append("long again"))

    learning = threading.Thread(target=learn)
    learning.start()
    assert began.wait(10)
    asked = []
    for name in ("first", "second", "third"):
        thread = threading.Thread(target=in_turn, args=(lambda name=name: order.append(name),))
        thread.start()
        asked.append(thread)
        _until_waiting(len(asked))
    assert order == []
    may_end.set()
    for thread in (learning, *asked):
        thread.join(10)
    assert order == ["long", "first", "second", "third", "long again"]


def test_the_next_has_its_turn_after_an_error() -> None:
    """Whatever was asked for."""

    def fail() -> None:
        raise ValueError("no such text")

    with pytest.raises(ValueError, match="no such text"):
        in_turn(fail)
    assert in_turn(lambda: 1) == 1


def test_who_gives_up_waiting_leaves_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while others compute: those behind would wait for ever, and the process with them."""
    queue = _Queue()
    with queue:
        with monkeypatch.context() as patched:
            patched.setattr(queue._changed, "wait_for", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                queue.__enter__()
        asked = threading.Thread(target=queue.__enter__, daemon=True)
        asked.start()
    asked.join(10)
    assert not asked.is_alive()


def _interrupted(_predicate: object) -> None:
    raise KeyboardInterrupt


def _until_waiting(count: int) -> None:
    """Wait until so many have a place behind the one that computes."""
    from agentbot import threads  # noqa: PLC0415 - only here is its inside looked at

    queue = threads._COMPUTING
    for _ in range(10_000):
        with queue._changed:
            if len(queue._places) == count + 1:
                return
        threading.Event().wait(0.001)
    raise AssertionError(f"{count} do not wait")


def test_a_loop_ends_though_a_thread_of_its_never_does() -> None:
    """And no other call waits for that one."""
    never, answers = threading.Event(), []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadsLeftBehind())
        hangs = loop.run_in_executor(None, never.wait)
        answers.append(await asyncio.to_thread(lambda: "an answer"))
        hangs.cancel()

    loops = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    loops.start()
    loops.join(timeout=20 * TIMEOUT_SCALE)
    try:
        assert not loops.is_alive()
        assert answers == ["an answer"]
    finally:
        never.set()


def test_a_process_does_not_wait_for_what_is_left_behind() -> None:
    """Threading joins no daemon."""
    threads, told, never = ThreadsLeftBehind(), threading.Event(), threading.Event()

    def hang() -> bool:
        found.append(threading.current_thread().daemon)
        told.set()
        return never.wait()

    found: list[bool] = []
    future = threads.submit(hang)
    assert told.wait(20 * TIMEOUT_SCALE)
    threads.shutdown()
    never.set()
    assert future.result(20 * TIMEOUT_SCALE)
    assert found == [True]


def test_what_a_call_raises_comes_to_whoever_waits_for_it() -> None:
    """Whatever it is."""
    with pytest.raises(KeyError, match="name"):
        ThreadsLeftBehind().submit(dict[str, int]().__getitem__, "name").result(20 * TIMEOUT_SCALE)
