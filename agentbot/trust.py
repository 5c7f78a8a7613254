"""Whom to trust over TLS: the system's authorities, or those that the environment names."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import httpx2

from agentbot.errors import ConfigurationError


def trusted() -> ssl.SSLContext:
    """Return whom to trust, which is read once: it takes 20 ms and 2 MB.

    Raises ``ConfigurationError`` where ``SSL_CERT_FILE`` cannot be read.
    """
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@contextmanager
def reading_no_authorities() -> Iterator[None]:
    """Let TLS contexts that this thread makes meanwhile trust nobody, and read no certificates.

    For importing a library that makes contexts of its own, which nothing here uses.
    """
    here, kind = threading.get_ident(), cast("Any", ssl.SSLContext)
    with _ONE_AT_A_TIME:
        load, find = kind.load_default_certs, kind.set_default_verify_paths

        def load_elsewhere(
            context: ssl.SSLContext, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH
        ) -> None:
            if threading.get_ident() != here:
                load(context, purpose)

        def find_elsewhere(context: ssl.SSLContext) -> None:
            if threading.get_ident() != here:
                find(context)

        kind.load_default_certs = load_elsewhere
        kind.set_default_verify_paths = find_elsewhere
        try:
            yield
        finally:
            kind.load_default_certs = load
            kind.set_default_verify_paths = find


_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=1)
def _read(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        problem = f"holds no certificates that can be read: {error.strerror}"
        remedy = "name a file of certificates in PEM, or unset it"
        raise ConfigurationError("SSL_CERT_FILE", problem, remedy) from None
