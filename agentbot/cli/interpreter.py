"""How the interpreter is set for a bot: its threads, what is collected, and what is given back."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress

_EACH_NEW = 10_000
"""New containers after which the young ones are looked through, in place of 700: a turn makes a
thousand that die by themselves, and looking took a sixth of its time (1,250 us before, 930 now)."""


_SWITCH = 0.0005
"""Seconds for which a thread that computes keeps the interpreter from the others, in place of 5 ms:
the event loop waits for it each time that something has come. Beside eight decisions by meanings,
99 of 100 rules' answers took 68 ms, and 21 with this and threads that step back
(`agentbot.threads`); 0.1 ms gains no more."""


def let_the_loop_go_first() -> None:
    """Let the event loop have the interpreter soon, whatever other threads compute."""
    sys.setswitchinterval(_SWITCH)


def put_off_collecting() -> None:
    """Collect no garbage until :func:`collect_what_comes`.

    To be called before libraries are loaded, nearly all of which stays: looking through it again
    and again was a sixth of that time.
    """
    gc.disable()


def collect_what_comes() -> None:
    """Collect garbage, again, of what comes from here on: what is loaded by now stays.

    Without looking for what is garbage already, for which everything would wait; of what was under
    way in this moment, a circle may stay.
    """
    gc.freeze()
    gc.enable()


def stop_collecting_what_stays() -> None:
    """Leave all that is there now out of garbage collections from here on.

    To be called once, when everything that stays is loaded. A full collection would go through all
    of it each time, for a tenth of a second in which no other thread gets to run. What is freed
    by its last reference is freed all the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_EACH_NEW, *gc.get_threshold()[1:])


def give_back_memory() -> None:
    """Return free memory to the system, where the C library can.

    To learn a large FAQ takes many arrays, and glibc keeps much of what they took: 100 MB of 600
    with 5,000 entries.
    """
    with suppress(OSError, AttributeError):  # another library, such as musl, has no such function
        ctypes.CDLL(None).malloc_trim(0)
