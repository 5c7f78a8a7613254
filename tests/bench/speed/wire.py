"""WebSocket frames as a server writes and reads them (RFC 6455): plain bytes, no I/O, no checks.

Only what the clients of the bench send is understood: whole text frames, pings and goodbyes.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator

from websockets.speedups import apply_mask

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
"""Opcodes (RFC 6455, 5.2)."""
_FIN = 0x80
_SHORT, _MEDIUM = 126, 127
"""Lengths that say that 2, or 8, bytes of length follow (RFC 6455, 5.2)."""
_MASK = 0x80
_KEY_BYTES = 4
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What every server adds to the client's key (RFC 6455, 1.3)."""


def framed(payload: bytes, opcode: int = TEXT, *, masked: bool = False) -> bytes:
    """Return one whole frame. ``masked``: as a client's; its key of zeros changes nothing."""
    bit, key = (_MASK, b"\0\0\0\0") if masked else (0, b"")
    size = len(payload)
    if size < _SHORT:
        head = bytes((_FIN | opcode, bit | size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", _FIN | opcode, bit | _SHORT, size)
    else:
        head = struct.pack("!BBQ", _FIN | opcode, bit | _MEDIUM, size)
    return head + key + payload


def frames(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Yield the opcode and payload of each whole frame; take these off the buffer."""
    start, end = 0, len(buffer)
    try:
        while end - start >= 2:
            size, at = buffer[start + 1] & ~_MASK, start + 2
            if size == _SHORT:
                size, at = int.from_bytes(buffer[at : at + 2], "big"), at + 2
            elif size == _MEDIUM:
                size, at = int.from_bytes(buffer[at : at + 8], "big"), at + 8
            key = b""
            if buffer[start + 1] & _MASK:
                key, at = bytes(buffer[at : at + _KEY_BYTES]), at + _KEY_BYTES
            if at + size > end:
                return
            payload = bytes(buffer[at : at + size])
            opcode, start = buffer[start] & 0xF, at + size
            yield opcode, apply_mask(payload, key) if key else payload
    finally:
        del buffer[:start]


def accept_key(key: bytes) -> bytes:
    """Return what the server answers to ``Sec-WebSocket-Key``."""
    return base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - the RFC's choice
