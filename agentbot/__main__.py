"""``python -m agentbot`` is ``agentbot``."""

from __future__ import annotations

from agentbot.cli import main

if __name__ == "__main__":
    main()
