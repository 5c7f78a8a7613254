"""How much memory a bot's own objects take."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import FrameType, FunctionType, MethodType, ModuleType

from agentbot.bot.mirror import Mirror
from agentbot.config import Settings
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline
from tests.simulation.http import RestTransport
from tests.simulation.kernel import Kernel, Process
from tests.simulation.network import Connector, SimulatedConnection
from tests.simulation.storage import RemoteStore
from tests.simulation.world import World

_FOREIGN = (
    Connector,
    ModuleType,
    type,
    FunctionType,
    FrameType,
    MethodType,
    Kernel,
    SimulatedConnection,
    Metrics,
    Mirror,
    Pipeline,
    Process,
    RemoteStore,
    RestTransport,
    World,
    Settings,
)
"""What a bot refers to, but does not have for its conversations' sake; and the mirror, whose bound
has tests of its own."""


def size_of(bot: object) -> int:
    """Return the bytes of all objects that can be reached from the bot, but for what is shared."""
    return sum(sys.getsizeof(one) for one in _reachable(bot))


def _reachable(root: object) -> Iterator[object]:
    seen: set[int] = set()
    left = [root]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _FOREIGN):
            continue
        seen.add(id(one))
        yield one
        left += gc.get_referents(one)
