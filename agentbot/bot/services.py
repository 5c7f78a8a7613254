"""What the parts of the bot share: what never changes, and what is replaced while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agentbot.bot.closings import Closings
from agentbot.bot.conversations import Conversations
from agentbot.bot.echoes import Echoes
from agentbot.bot.leases import Leases
from agentbot.bot.proof import Identity
from agentbot.bot.receipts import Receipts
from agentbot.bot.slots import CatchUpSlots, Slots
from agentbot.config import Settings
from agentbot.ops.metrics import Metrics
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.turn import Account
from agentbot.state.store import Store, TurnRecord

OnSettled = Callable[[TurnRecord, float], None]


def no_notice(_text: str) -> None:
    """Tell nobody outside Papercups."""


def ignore(_record: TurnRecord, _seconds: float) -> None:
    """Take no note of a settled turn."""


OnWork = Callable[[str, bool], None]
"""Is told the id of a conversation, and whether work on it begins or has ended."""


def ignore_work(_conversation_id: str, _is_at_it: bool) -> None:  # noqa: FBT001 - OnWork
    """Take no note of work that begins or ends."""


@dataclass(slots=True)
class Current:
    """What the bot goes by now. Each value is replaced whole: to use one twice, read it once.

    ``pipeline`` changes when the prompts are reloaded, ``account`` and ``identity`` when the
    account is read again. ``connections`` counts how often we began to hear the account: what was
    read before the last time may be out of date.
    """

    pipeline: Pipeline
    account: Account = field(default_factory=Account)
    identity: Identity = field(default_factory=Identity)
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Services:
    """One bot's peers and settings, which stay the same as long as it lives.

    ``clock`` tells the time, aware, in UTC; waiting is done by the event loop's own time.
    ``draining`` is set once the bot is to stop: no turn begins any more, and those that have begun
    go on. ``handing_back`` is set when their time is nearly over: what has not been sent by then is
    left to the next start. ``on_settled`` is told of each turn's record, and of the seconds since
    it was heard; ``on_work`` when work on a conversation begins and ends. ``notify`` tells people
    outside Papercups, and waits for nobody.
    """

    session: AgentSession
    rest: AgentRest
    conversations: Conversations
    store: Store
    settings: Settings
    metrics: Metrics
    clock: Callable[[], datetime]
    leases: Leases
    slots: Slots
    current: Current
    catching_up: CatchUpSlots
    receipts: Receipts
    echoes: Echoes = field(default_factory=Echoes)
    closings: Closings = field(default_factory=Closings)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    handing_back: asyncio.Event = field(default_factory=asyncio.Event)
    on_settled: OnSettled = ignore
    on_work: OnWork = ignore_work
    notify: Callable[[str], None] = no_notice
