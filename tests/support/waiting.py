"""What a test waits for: told where its time is over, so that a limit never hides the reason."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST_FRAMES = 12
"""Frames of each stack that are shown: the last ones, which say what is waited for."""

_stories: list[Callable[[], str]] = []


@contextmanager
def telling(story: Callable[[], str]) -> Iterator[None]:
    """Have ``story`` told too, where a test's time is over in this block.

    It is called at any moment in the main thread, and must not wait for anything.
    """
    _stories.append(story)
    try:
        yield
    finally:
        _stories.remove(story)


def what_is_awaited() -> str:
    """Return the stories, and where each task of the running loop and each thread stands."""
    return "\n\n".join([*map(_told, _stories), *_tasks(), *_threads()])


def _told(story: Callable[[], str]) -> str:
    try:
        return story()
    except Exception as error:  # noqa: BLE001 - the rest is worth having, whatever the story lacks
        return f"a story could not be told: {error!r}"


def _tasks() -> Iterator[str]:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    for task in sorted(asyncio.all_tasks(loop), key=asyncio.Task.get_name):
        yield "\n".join([f"task {task.get_name()}:", *_waits(task.get_coro())])


def _waits(awaited: object) -> Iterator[str]:
    """Yield what is awaited, and what that awaits in turn, the innermost last."""
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        if frame is None:
            yield f"  {awaited!r}"
            return
        code = frame.f_code
        yield f"  {code.co_filename}:{frame.f_lineno} {code.co_qualname}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)


def _threads() -> Iterator[str]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        text = io.StringIO()
        traceback.print_stack(frame, limit=_MOST_FRAMES, file=text)
        yield f"thread {names.get(ident, ident)}:\n{text.getvalue().rstrip()}"
