"""Bytes that a turn leaves behind: in the database (SQLite), and in the log at the level of info.

Turns of the example's pipeline over a hundred conversations, each claimed, checkpointed and settled
as the bot does it; all ids are UUIDs, as Papercups' are.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import tempfile
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.turns.settling import Outcome, Settler
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.decision import Handoff, Reply, Silence
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Conversation, Customer, Turn
from agentbot.state.opening import open_store
from agentbot.state.store import Claim, ConversationMemory, Store
from tests.support.folders import DEFAULT
from tests.support.turns import turn

TURNS = 2_000
"""Turns that are measured: enough for full pages of the file."""
_CONVERSATIONS = 100
"""Conversations that they are in: as many as the unit of the bars has."""
_QUESTIONS = (
    "Hi! Do you ship to Norway, and how long would it take until it is here?",
    "When are you open?",
    "Where is my order FF-123456? It should have been here last week already.",
    "I have a question: do you deliver to Sweden too?",
    "I would like to talk to a real person, please.",
)
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JournalSize:
    """Bytes a turn, of the database's file and of the log."""

    database: float
    log: float


@dataclass(frozen=True, slots=True)
class _Asked:
    turn: Turn
    customer: str


def _asked(pipeline_turns: int) -> list[_Asked]:
    conversations = [str(uuid.uuid4()) for _ in range(_CONVERSATIONS)]
    customers = {conversation: str(uuid.uuid4()) for conversation in conversations}
    asked = []
    questions = itertools.cycle(_QUESTIONS)
    for _, conversation in zip(range(pipeline_turns), itertools.cycle(conversations), strict=False):
        one = turn(
            next(questions),
            conversation=Conversation(id=conversation),
            customer=Customer(id=customers[conversation], name="Vera Visitor"),
        )
        messages = tuple(replace(message, id=str(uuid.uuid4())) for message in one.messages)
        asked.append(_Asked(replace(one, messages=messages), customers[conversation]))
    return asked


async def _take(store: Store, settler: Settler, pipeline: Pipeline, asked: _Asked) -> None:
    one = asked.turn
    claim = await store.claim(one.conversation.id, [message.id for message in one.messages])
    decision = pipeline.decide(one)
    if not isinstance(claim, Claim) or not isinstance(decision, Reply | Handoff | Silence):
        raise TypeError("the bench's turns are claimed, and decided at once")
    await store.checkpoint(claim, Plan(claim.message_ids, decision).to_json())
    outcome = Outcome.of(decision, DeliveryResult(DeliveryStatus.CONFIRMED, str(uuid.uuid4())))
    await settler.settle(
        claim,
        outcome,
        customer_id=asked.customer,
        turn=one,
        memory=ConversationMemory(),
        prompts_version="0123456789abcdef",
        seconds=0.00421,
    )


async def _run(url: str, asked: list[_Asked]) -> None:
    store = open_store(url, holder="bench", lease=LEASE, clock=lambda: datetime.now(UTC))
    await store.open()
    pipeline = build_pipeline(load_prompts(DEFAULT))
    settler = Settler(
        store,
        metrics=Metrics(),
        clock=lambda: datetime.now(UTC),
        on_settled=lambda _record, _seconds: None,
    )
    for one in asked:
        await _take(store, settler, pipeline, one)
    await store.close()


def measure(turns: int = TURNS) -> JournalSize:
    """Take so many turns, and say what they leave behind. Sets up the process's log anew."""
    log = io.StringIO()
    configure_logging(format="json", stream=log, secrets=["a-password-of-Papercups"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        asyncio.run(_run(f"sqlite:///{path}", []))
        empty = path.stat().st_size
        asyncio.run(_run(f"sqlite:///{path}", _asked(turns)))
        return JournalSize((path.stat().st_size - empty) / turns, len(log.getvalue()) / turns)


def main() -> None:
    """Print the figures."""
    size = measure()
    print(f"{size.database:.0f} bytes of database, {size.log:.0f} bytes of log a turn")


if __name__ == "__main__":
    main()
