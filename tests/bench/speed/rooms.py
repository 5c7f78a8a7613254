"""Where a sampled process spends its CPU, by rooms of agentbot and the libraries they use.

A sample belongs to the innermost of its frames that stands in a known place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

_ROOMS: tuple[tuple[str, str], ...] = (
    ("log", "structlog/"),
    ("log", "logging/"),
    ("log", "agentbot/ops/logging"),
    ("log", "agentbot/ops/redaction"),
    ("rest", "httpx2/"),
    ("rest", "httpcore2/"),
    ("rest", "h11/"),
    ("rest", "aiolimiter/"),
    ("rest", "agentbot/papercups/api"),
    ("rest", "agentbot/papercups/rest"),
    ("rest", "agentbot/papercups/responses"),
    ("rest", "agentbot/papercups/auth"),
    ("retry", "tenacity/"),
    ("retry", "agentbot/retry"),
    ("socket", "websockets/"),
    ("socket", "agentbot/phoenix/"),
    ("events", "agentbot/papercups/"),
    ("metrics", "prometheus_client/"),
    ("metrics", "agentbot/ops/"),
    ("state", "agentbot/state/"),
    ("rules", "agentbot/pipeline/rules/"),
    ("rules", "agentbot/pipeline/small_talk"),
    ("templates", "jinja2/"),
    ("templates", "agentbot/pipeline/files/templates"),
    ("faq", "agentbot/pipeline/faq"),
    ("knowledge", "agentbot/pipeline/knowledge/"),
    ("hours", "agentbot/pipeline/hours/"),
    ("context", "agentbot/pipeline/context/"),
    ("languages", "agentbot/pipeline/languages/"),
    ("guards", "agentbot/pipeline/guards"),
    ("pipeline", "agentbot/pipeline/"),
    ("delivery", "agentbot/bot/delivery/"),
    ("hearing", "agentbot/bot/hearing/"),
    ("turns", "agentbot/bot/turns/"),
    ("bot", "agentbot/bot/"),
    ("start", "agentbot/cli/"),
    ("start", "<frozen importlib"),
    ("json", "/json/"),
)
"""Rooms, and how the places begin that belong to them; the first that fits."""
_LOOP = "event loop"
"""What has no known frame: asyncio itself, mostly."""
_MOST = 25
"""Functions that are named one by one."""


def room_of(stack: Iterable[str]) -> str:
    """Return the room of a stack, whose outermost frame comes first."""
    for frame in reversed(list(stack)):
        for room, start in _ROOMS:
            if frame.startswith(start):
                return room
    return _LOOP


def _named(names: Sequence[str]) -> str:
    """Return a function's name; of what a dataclass has made, with who has called it."""
    made = names[-1].startswith("<string>") and len(names) > 1
    return f"{names[-1]} of {names[-2]}" if made else names[-1]


def shares(path: Path) -> str:
    """Return two tables of a file of stacks: rooms, and the busiest functions."""
    rooms: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        names = stack.split(";")
        if any("importlib" in name for name in names):
            continue  # what starting costs is another bar
        rooms[room_of(names)] += int(count)
        functions[_named(names)] += int(count)
    total = rooms.total() or 1
    lines = [f"{total:,} samples of CPU; imports left out", ""]
    lines += [f"{count / total:6.1%}  {room}" for room, count in rooms.most_common()]
    lines += ["", "functions by what they use themselves, C code called from them included:", ""]
    lines += [f"{count / total:6.1%}  {name}" for name, count in functions.most_common(_MOST)]
    return "\n".join(lines)
