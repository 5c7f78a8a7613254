"""Whom to trust over TLS: the system's authorities, or those that the environment names."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

import httpx2

from agentbot.errors import ConfigurationError


def trusted() -> ssl.SSLContext:
    """Return whom to trust, which is read once: it takes 20 ms and 2 MB.

    Raises ``ConfigurationError`` where ``SSL_CERT_FILE`` cannot be read.
    """
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=1)
def _read(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        problem = f"holds no certificates that can be read: {error.strerror}"
        remedy = "name a file of certificates in PEM, or unset it"
        raise ConfigurationError("SSL_CERT_FILE", problem, remedy) from None
