"""Why a server could not be reached, in words that say what to do."""

from __future__ import annotations

import socket
import ssl

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
"""What OpenSSL calls an answer that is no TLS: the names differ between its versions."""


def why_unreachable(error: BaseException) -> str:
    """Return what stands behind an error of connecting, whatever library has wrapped it."""
    chain = _chain(error)
    for each in chain:
        match each:
            case ssl.SSLCertVerificationError(verify_message=said):
                return (
                    f"its certificate is not trusted: {said}"
                    " (set SSL_CERT_FILE where it is of an authority of your own)"
                )
            case ssl.SSLError(reason=reason) if reason in _NO_TLS:
                return "it does not speak TLS: write http:// instead of https://"
            case socket.gaierror():
                return f"no host of this name is known ({each.strerror})"
            case ConnectionRefusedError():
                return "nothing listens there (connection refused)"
    strerror = error.strerror if isinstance(error, OSError) else None
    if said := strerror or str(error):
        return said
    # A time-out of ours, or of the HTTP library's, has no words of its own.
    is_late = any(isinstance(each, TimeoutError) for each in chain)
    return "no answer came in time" if is_late else type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """Return the error and those that it was raised from or during, the outermost first."""
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in chain:
        chain.append(inner)
        inner = inner.__cause__ or inner.__context__
    return chain
