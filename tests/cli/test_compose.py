"""Proves :mod:`agentbot.cli.compose`: what is set is what the parts go by."""

from __future__ import annotations

from agentbot.cli.compose import client_options
from agentbot.config import Settings
from agentbot.config.groups import SocketSettings
from agentbot.phoenix.client import ClientOptions


def test_the_socket_goes_by_its_settings() -> None:
    """The longest pause between two attempts to connect too; the first one stays short."""
    settings = Settings(
        socket=SocketSettings(
            heartbeat_seconds=21.0,
            connect_timeout_seconds=22.0,
            reconnect_seconds=23.0,
            join_timeout_seconds=24.0,
            joins_per_second=25.0,
        )
    )

    options = client_options(settings)

    assert options.open_timeout == 22.0
    assert options.retry.longest_pause == 23.0
    assert options.retry.first_pause == ClientOptions().retry.first_pause
    assert options.socket.heartbeat_interval == 21.0
    assert options.socket.join_timeout == 24.0
    assert options.socket.join_rate == 25.0


def test_nothing_set_means_the_clients_own_pauses() -> None:
    """So that both places, which each have a default, say the same."""
    assert client_options(Settings()) == ClientOptions(socket=client_options(Settings()).socket)
