"""The rooms of the pipeline: imports between them point one way, and never in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import agentbot.pipeline

PACKAGE = Path(agentbot.pipeline.__file__).parent
TOP = "the top"
ROOMS: dict[str, set[str]] = {
    "files": {TOP},
    "hours": {"files", "languages", TOP},
    "languages": {"files", TOP},
    "context": {"faq", "files", "languages", TOP},
    "rules": {"tools", "files", "languages", TOP},
    "faq": {"hours", "files", "languages", TOP},
    "knowledge": {"faq", "files", "languages", TOP},
    "checks": {"knowledge", "files", "languages", TOP},
    "llm": {"tools", "checks", "knowledge", "files", "languages", TOP},
    "mail": {TOP},
    "tools": {"knowledge", "files", TOP},
}
"""What each room may import of the pipeline, itself apart."""
LOADER = {"model_responder", "pipeline", "prompts", "schema"}
"""The modules at the top that put the rooms together: no room may import them."""


def imports() -> dict[str, set[str]]:
    """Return each module of the pipeline, as ``room.module``, with those that it imports."""
    files = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
        if path.stem != "__init__"
    }
    found = {}
    for name, path in files.items():
        named = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        inner = {one.removeprefix("agentbot.pipeline.") for one in named}
        found[name] = inner & set(files)
    return found


def room(module: str) -> str:
    """Return the room of a module."""
    return module.partition(".")[0] if "." in module else TOP


def test_rooms_import_one_way() -> None:
    """A room imports only what the table allows, and never what puts the rooms together."""
    for module, imported in imports().items():
        if (mine := room(module)) == TOP:
            continue
        assert not imported & LOADER, module
        assert {room(one) for one in imported} <= ROOMS[mine] | {mine}, module


def test_no_module_imports_in_a_circle() -> None:
    """Each can be read with nothing but those below it."""
    found = imports()
    assert "knowledge.passage" in found["llm.responder"]
    assert len(list(TopologicalSorter(found).static_order())) == len(found)


def test_a_folder_without_faq_and_pages_does_not_pay_for_them() -> None:
    """What the pipeline always loads comes without numpy, and without a parser of Markdown."""
    code = (
        "import sys, agentbot.pipeline.pipeline, agentbot.pipeline.faq.judging.calibration;"
        "sys.exit(bool({'numpy', 'markdown_it'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
