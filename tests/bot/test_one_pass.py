"""What one read brings is claimed in one transaction, and answered in one write.

Each conversation has a task of its own; those that need not wait go the same way side by side, so
that a thousand customers cost no more commits and writes than the reads that they came with.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from agentbot.state.sqlite.database import SQLiteDatabase
from tests.support.bot_running import Playing, play
from tests.support.transport import DevServerConnection

CUSTOMERS = 8


@contextmanager
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[int], list[int]]]:
    """Note how many operations each transaction has, and how many shouts each write."""
    transactions: list[int] = []
    writes: list[int] = []
    transact, send = SQLiteDatabase._transact, DevServerConnection.send

    def note_transaction(
        self: SQLiteDatabase, connection: sqlite3.Connection, group: list[Any]
    ) -> None:
        transactions.append(len(group))
        transact(self, connection, group)

    def note_write(self: DevServerConnection, frames: Sequence[str], /) -> None:
        if shouts := sum('"shout"' in frame for frame in frames):
            writes.append(shouts)
        send(self, frames)

    with monkeypatch.context() as patched:
        patched.setattr(SQLiteDatabase, "_transact", note_transaction)
        patched.setattr(DevServerConnection, "send", note_write)
        yield transactions, writes


def test_what_one_read_brings_is_one_transaction_and_one_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their echoes, too, are settled in one."""

    async def story(it: Playing) -> None:
        visitors = [it.visitor() for _ in range(CUSTOMERS)]
        for visitor in visitors:
            visitor.write("Hello?")
        await asyncio.sleep(30)  # they are known from now on, and nothing need be read
        with noted(monkeypatch) as (transactions, writes):
            for visitor in visitors:
                visitor.write("How much?")
            await asyncio.sleep(1)
            assert [len(visitor.said) for visitor in visitors] == [2] * CUSTOMERS
            assert writes == [CUSTOMERS]
            assert transactions == [CUSTOMERS, CUSTOMERS]

    play(story)
