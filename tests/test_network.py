"""``network.py``: an operator reads why a server is not reached, and what to do about it."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from agentbot.network import why_unreachable


def wrapped(inner: Exception) -> Exception:
    """Return an error of a library that was raised from ``inner``."""
    try:
        try:
            raise inner
        except Exception as error:
            raise RuntimeError("All connection attempts failed") from error
    except RuntimeError as outer:
        return outer


def tls_error(reason: str) -> ssl.SSLError:
    """Return OpenSSL's error of this name."""
    error = ssl.SSLError(1, f"[SSL: {reason}] whatever (_ssl.c:1)")
    error.reason = reason
    return error


def untrusted() -> ssl.SSLCertVerificationError:
    """Return the error for a certificate that nobody vouches for."""
    error = ssl.SSLCertVerificationError(1, "verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "Connect call failed"), "nothing listens there"),
        (socket.gaierror(-2, "Name or service not known"), "no host of this name is known"),
        (tls_error("WRONG_VERSION_NUMBER"), "write http:// instead of https://"),
        (tls_error("RECORD_LAYER_FAILURE"), "write http:// instead of https://"),
        (untrusted(), "its certificate is not trusted: self-signed certificate"),
    ],
)
def test_the_cause_counts_not_its_wrapping(error: Exception, said: str) -> None:
    """A library's "all attempts failed" helps nobody."""
    assert said in why_unreachable(error)
    assert said in why_unreachable(wrapped(error))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
        (RuntimeError("odd"), "odd"),
        (TimeoutError(110, "Connection timed out"), "Connection timed out"),
        (KeyError(), "KeyError"),
    ],
)
def test_what_is_not_known_says_what_it_says(error: Exception, said: str) -> None:
    """Its own words, or at least its name."""
    assert why_unreachable(error) == said


def test_a_time_that_has_run_out_says_so() -> None:
    """It has no words, and its name would tell a programmer alone."""
    late = OSError()
    late.__cause__ = TimeoutError()

    assert why_unreachable(TimeoutError()) == "no answer came in time"
    assert why_unreachable(late) == "no answer came in time"


def test_errors_in_a_circle_end() -> None:
    """An error may be raised from one that it has caused."""
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__cause__, second.__cause__ = second, first
    assert why_unreachable(first) == "first"


async def test_a_real_server_without_tls_is_told() -> None:
    """What OpenSSL of this machine says is among the names."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLError) as raised:
            await asyncio.open_connection("127.0.0.1", port, ssl=ssl.create_default_context())
    assert "http://" in why_unreachable(raised.value)
