"""The one constant that scales every time-out of the tests."""

from __future__ import annotations

import asyncio
import os

TIMEOUT_SCALE = float(os.environ.get("TEST_TIMEOUT_SCALE", "1"))
"""Raise it on a slow machine: a time-out says that something hangs, never that it is slow."""


def within(seconds: float) -> asyncio.Timeout:
    """Return a context manager that fails what takes longer, scaled: ``async with within(5):``."""
    return asyncio.timeout(seconds * TIMEOUT_SCALE)
