"""Secrets of the tools' headers: from the environment, or from a file that ``NAME_FILE`` names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.tools.tool import Tool

_MOST_CHARACTERS = 8_000
"""Characters of a secret: as many as servers take in all headers together."""


def read_secrets(tools: Iterable[Tool], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that the tools' headers need, by variable.

    Raises ``ConfigurationError`` with every one that is missing; none is repeated in it.
    """
    problems = Problems()
    secrets: dict[str, str] = {}
    for tool in tools:
        for header in tool.with_secrets:
            for name in header.variables:
                try:
                    secrets[name] = _secret(name, environ)
                except ConfigurationError as error:
                    problems.add(header.place, f"{error.place} {error.problem}", error.remedy)
    problems.raise_if_any("tools.yaml")
    return secrets


def _secret(name: str, environ: Mapping[str, str]) -> str:
    file = f"{name}_FILE"
    value, path = environ.get(name, "").strip(), environ.get(file, "").strip()
    if value and path:
        raise ConfigurationError(file, f"and {name} are both set", "set one of the two")
    if path:
        name, value = file, _content(file, path)
    if not value:
        raise ConfigurationError(name, "is not set", f"set {name}, or {file} to a file that has it")
    if not value.isascii() or not value.isprintable() or len(value) > _MOST_CHARACTERS:
        problem = "holds a line break, or a sign that cannot stand in a header"
        raise ConfigurationError(name, problem, "copy the secret anew")
    return value


def _content(name: str, path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:  # ~ of nobody
        said = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigurationError(name, f"cannot be read: {said}", "let agentbot read it") from None
