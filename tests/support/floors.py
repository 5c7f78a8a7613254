"""The floors of agentbot/: what each folder may import. Imports point downward only.

Within a floor its rooms (folders) and the modules beside them stand in an order too: no circle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "agentbot"

_GROUND = {
    "errors",
    "http_transport",
    "latest",
    "network",
    "retry",
    "threads",
    "tracing",
    "trust",
    "window",
}

FLOORS: dict[str, set[str]] = {
    "cli": {"devserver", "bot", "ops", "pipeline", "state", "papercups", "phoenix", "config"}
    | _GROUND,
    "devserver": {"phoenix.frames"} | _GROUND,
    "bot": {"pipeline", "papercups", "state", "ops", "config"} | _GROUND,
    "ops": {"config"} | _GROUND,
    "pipeline": _GROUND,
    "state": _GROUND,
    "papercups": {"phoenix"} | _GROUND,
    "phoenix": _GROUND,
    "config": {"errors"},
    "errors": set(),
    "http_transport": {"trust"},
    "latest": set(),
    "network": set(),
    "retry": {"errors"},
    "threads": set(),
    "tracing": set(),
    "trust": {"errors"},
    "window": set(),
    # The package's own file tells the version, and may be asked for it from everywhere.
    "__init__": set(),
    "__main__": {"cli"},
}
"""What a floor may import of agentbot, itself apart. A dotted name means that module alone."""

ROOMS: dict[str, tuple[frozenset[str], ...]] = {
    "devserver": (
        frozenset({"faults", "store"}),
        frozenset({"presence"}),
        frozenset({"backend"}),
        frozenset({"rest", "realtime"}),
        frozenset({"server"}),
        frozenset({"app", "demo"}),
        frozenset({"serve"}),
    ),
    "pipeline/faq": (
        frozenset({"entries", "packages"}),
        frozenset({"embedders", "filling", "importing", "outcomes"}),
        frozenset({"retrieval", "similarity"}),
        frozenset({"judging", "steady"}),
        frozenset({"questions"}),
        frozenset({"following", "matcher"}),
        frozenset({"responder", "quality"}),
    ),
    "pipeline/checks": (
        frozenset({"draft", "parsing"}),
        frozenset({"consistency", "safety"}),
        frozenset({"judging"}),
        frozenset({"checker"}),
    ),
}
"""The rooms of a folder in steps: a room may import itself, and rooms of earlier steps."""

ONLY_IMPORTERS: dict[str, tuple[str, ...]] = {
    # The dev server's is for a type in what uvicorn calls; uvicorn does the work.
    "websockets": ("phoenix/client.py", "devserver/serve.py"),
    "aiohttp": ("http_transport.py",),
    "httpx2": (
        "http_transport.py",
        "trust.py",
        "papercups/",
        "cli/",
        "bot/delivery/notify.py",
        "pipeline/llm/openai_chat.py",
        "pipeline/tools/",
    ),
    "openai": ("pipeline/", "cli/"),
    "mcp": ("pipeline/tools/mcp_client.py",),
    "tenacity": ("retry.py",),
    "asyncpg": ("state/",),
    "uvicorn": ("ops/", "devserver/", "cli/"),
    "starlette": ("ops/", "devserver/", "cli/"),
    "prometheus_client": ("ops/",),
    "opentelemetry": ("ops/otel.py",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "pydantic_settings": ("config/",),
}
"""Libraries that stand for a kind of I/O: which files, or folders, may import them."""

PURE_PHOENIX = {"asyncio", "socket", "ssl", "time", "datetime", "random", "threading", "os"}
"""What the core of Phoenix, which has neither I/O nor a clock, does without."""

DRIVERS = {"phoenix/client.py", "phoenix/driver.py"}
"""The files of Phoenix that are not its core."""


def violations(package: Path) -> list[str]:
    """Return what the tree at ``package`` imports against the floors, a line each."""
    found = []
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package).as_posix()
        for line, imported in _imports(path):
            why = _violation(place, imported)
            if why:
                found.append(f"{place}:{line}: imports {imported}, but {why}")
    return found


def circles(package: Path) -> list[str]:
    """Return the circles between the places of each floor, a line each: ``bot/a ↔ bot/b``.

    A place is a room, whole, or a module that stands beside the rooms.
    """
    arrows: dict[str, set[str]] = {}
    places = {_place(path.relative_to(package)) for path in package.rglob("*.py")}
    for path in sorted(package.rglob("*.py")):
        here = _place(path.relative_to(package))
        there = {_nearest(imported, places) for _, imported in _imports(path)}
        same_floor = {one for one in there if one.split("/")[0] == here.split("/")[0]}
        arrows.setdefault(here, set()).update(same_floor - {here})
    return sorted(" ↔ ".join(circle) for circle in _circles(arrows))


def _place(path: Path) -> str:
    """Return the floor and the room, or the module beside the rooms; the floor's own file: it."""
    floor, *inner = path.with_suffix("").parts
    return floor if not inner or inner == ["__init__"] else f"{floor}/{inner[0]}"


def _nearest(imported: str, places: set[str]) -> str:
    """Return the place of an imported module or name; "" where it is none of ours."""
    root, *parts = imported.split(".")
    wanted = "/".join(parts[:2])
    if root != PACKAGE or not parts:
        return ""
    return wanted if wanted in places else parts[0]


def _circles(arrows: dict[str, set[str]]) -> set[tuple[str, ...]]:
    """Return the sets of places that all reach each other."""
    reached = {place: _reach(place, arrows) for place in arrows}
    return {
        tuple(sorted(one for one in reached[place] if place in reached.get(one, ())))
        for place in arrows
        if place in reached[place]
    }


def _reach(start: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(arrows.get(start, ()))
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            ahead += arrows.get(place, ())
    return seen


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every module that a file names in an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            # `from a import b`: b may be a module of its own.
            for alias in node.names:
                yield node.lineno, "." * node.level + f"{node.module or ''}.{alias.name}"


def _violation(place: str, imported: str) -> str:
    floor = place.split("/", maxsplit=1)[0].removesuffix(".py")
    root, _, inner = imported.partition(".")
    if imported.startswith("."):
        return "relative imports hide the floor"
    if root != PACKAGE:
        return _foreign_violation(place, root)
    if floor not in FLOORS:
        return f"{floor} has no floor in {Path(__file__).name}"
    if _is_in(inner, floor):
        return _room_violation(place, inner)
    if inner in {"", "__version__"} or any(_is_in(inner, allowed) for allowed in FLOORS[floor]):
        return ""
    return f"{floor} may import {', '.join(sorted(FLOORS[floor])) or 'nothing'}"


def _room_violation(place: str, inner: str) -> str:
    """Say why a file may not import a module of the same floor; empty: it may."""
    here, there = place.removesuffix(".py"), inner.replace(".", "/")
    found = (_step_violation(folder, here, there) for folder in ROOMS)
    return next(filter(None, found), "")


def _step_violation(folder: str, here: str, there: str) -> str:
    """Say why what is at ``here`` may not import what is at ``there``, for ``folder``'s steps."""
    if not all(one.startswith(f"{folder}/") for one in (here, there)):
        return ""
    steps = {room: number for number, rooms in enumerate(ROOMS[folder]) for room in rooms}
    room, imported = (one.removeprefix(f"{folder}/").partition("/")[0] for one in (here, there))
    if room == imported:
        return ""
    for name in (room, imported):
        if name not in steps:
            return f"{name} has no place among the rooms of {folder}"
    return "" if steps[imported] < steps[room] else f"{imported} is no step below {room}"


def _is_in(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


def _foreign_violation(place: str, root: str) -> str:
    allowed = ONLY_IMPORTERS.get(root)
    if allowed is not None and not place.startswith(allowed):
        return f"only {', '.join(allowed)} may"
    if place.startswith("phoenix/") and place not in DRIVERS and root in PURE_PHOENIX:
        return "the core of Phoenix has no I/O and no clock"
    return ""
