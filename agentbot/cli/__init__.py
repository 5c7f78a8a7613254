"""The ``agentbot`` command: one module a command, and the exit codes of all."""

from __future__ import annotations

from agentbot.cli.app import main

__all__ = ["main"]
