"""What several test modules of the socket need."""

from __future__ import annotations

import pytest

from tests.support.socket_peer import Peer


@pytest.fixture
def peer() -> Peer:
    """A socket on an open connection."""
    peer = Peer()
    peer.socket.opened(0)
    return peer
