"""Responders of one's own: found by dotted path or by entry point, and made without arguments."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib.metadata import entry_points

from agentbot.errors import ConfigurationError
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.words import did_you_mean

GROUP = "agentbot.responders"
"""The group of entry points in which packages offer responders."""


def check_responder_name(name: str, known: Iterable[str]) -> tuple[str, str] | None:
    """Return what is wrong with a responder's name in policy.yaml, and the remedy, or None.

    Looks names up without importing anything.
    """
    module, colon, attribute = name.partition(":")
    if colon:
        parts = [*module.split("."), *attribute.split(".")]
        if all(part.isidentifier() for part in parts):
            return None
        return f"{name!r} is not a dotted path", "write package.module:Class"
    offered = {point.name for point in entry_points(group=GROUP)}
    if name in offered:
        return None
    return f"there is no responder {name!r}", did_you_mean(name, {*known, *offered})


def load_responder(name: str) -> Responder:
    """Import and make the responder that ``name`` names.

    ``name`` is ``package.module:Class`` or an entry point's name in the group
    ``agentbot.responders``. What it names is called without arguments where it is a class or a
    function; else it is taken as it is. Raises ``ConfigurationError``.
    """
    found = _find(name)
    try:
        made = found() if callable(found) and not isinstance(found, Responder) else found
        if isinstance(found, type):
            made = found()
    except Exception as error:
        raise _wrong(
            name, f"{name} cannot be made: {error!r}", "its class takes no arguments"
        ) from error
    if not isinstance(made, Responder) or not callable(made.respond):
        raise _wrong(name, f"{name} is not a responder", "give it a 'name' and a 'respond(turn)'")
    return made


def _find(name: str) -> object:
    module, colon, attribute = name.partition(":")
    if not colon:
        for point in entry_points(group=GROUP):
            if point.name == name:
                module, _, attribute = point.value.partition(":")
                break
        else:
            offered = {point.name for point in entry_points(group=GROUP)}
            raise _wrong(name, f"there is no responder {name!r}", did_you_mean(name, offered))
    try:
        found: object = importlib.import_module(module)
    except Exception as error:
        remedy = "is its package installed, or its folder on PYTHONPATH?"
        raise _wrong(
            name, f"the module {module!r} cannot be imported: {error!r}", remedy
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = [one for one in dir(found) if not one.startswith("_")]
            raise _wrong(name, f"{module} has no {part!r}", did_you_mean(part, near))
        found = getattr(found, part)
    return found


def _wrong(name: str, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"policy.yaml, responder {name}", problem, remedy)
