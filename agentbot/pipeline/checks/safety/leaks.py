"""Secrets in an answer: the system prompt, plainly or written so that a filter would miss it."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote

from agentbot.pipeline.checks.draft import Code, Finding
from agentbot.pipeline.words import fold

_PIECE = 28
"""Letters of a secret in a row that give it away: about five words."""
_LEAST_SECRET = 4
"""Letters of a short secret, such as a password."""
_KEPT = 256
"""Texts that are kept as letters: those of the sources and of the prompt."""
_MOST = 20_000
"""Letters of an answer that are looked at, decoded or not."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_BASE32 = re.compile(r"\b[A-Z2-7]{16,}={0,6}")
_HEX = re.compile(r"(?:(?:0x|\\x|%)?[0-9a-f]{2}[\s,:]?){8,}", re.IGNORECASE)
_BITS = re.compile(r"(?:[01]{8}\s?){4,}")
_CODES = re.compile(r"(?:\b\d{2,3}\b[\s,;]+){8,}\b\d{2,3}\b")
_MORSE = re.compile(r"(?:[.\u00b7\u2022-]{1,5}(?:[\s/|]+|$)){8,}")
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_TABLES = tuple(
    str.maketrans(_ALPHABET, turned)
    for turned in (
        *(_ALPHABET[shift:] + _ALPHABET[:shift] for shift in range(1, len(_ALPHABET))),
        _ALPHABET[::-1],
    )
)
"""The alphabet shifted by each number of letters, and turned round."""
_MORSE_CODES = (
    *(".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-.."),
    *("--", "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-"),
    *("-.--", "--.."),
)
_MORSE_LETTERS = dict(zip(_MORSE_CODES, _ALPHABET, strict=True))


def leaks(text: str, secrets: Iterable[str], public: Iterable[str]) -> Iterator[Finding]:
    """Yield a secret that stands in the text; what is ``public`` too is none."""
    said = list(dict.fromkeys(_letters(one) for one in _readings(text)))
    known = " ".join(_letters(one) for one in public)
    for secret in secrets:
        hidden = _letters(secret)
        if _LEAST_SECRET <= len(hidden) < _PIECE:
            if any(hidden in one for one in said) and hidden not in known:
                yield Finding(Code.LEAK, text[:_PIECE], "it tells a secret")
                return
            continue
        pieces = _pieces(hidden)
        for one in said:
            for at in range(len(one) - _PIECE + 1):
                piece = one[at : at + _PIECE]
                if piece in pieces and piece not in known:
                    yield Finding(Code.LEAK, piece, "it tells the instructions")
                    return


@lru_cache(_KEPT)
def _pieces(letters: str) -> frozenset[str]:
    return frozenset(letters[at : at + _PIECE] for at in range(len(letters) - _PIECE + 1))


@lru_cache(_KEPT)
def _letters(text: str) -> str:
    return fold(text).replace(" ", "")[:_MOST]


def _readings(text: str) -> Iterator[str]:
    """Yield what a text may say: as it stands, turned round, shifted, or decoded."""
    text = text[:_MOST]
    plain = fold(text)
    yield plain
    yield plain[::-1]
    words = plain.split()
    yield " ".join(reversed(words))
    yield text.lower().translate(_LEET)
    yield re.sub(r"[\d_*~|.-]+", "", text)
    yield from _lines(text)
    for table in _TABLES:
        yield plain.translate(table)
    yield unquote(html.unescape(text))
    yield _unescaped(text)
    for pattern, decode in _DECODERS:
        for found in pattern.finditer(text):
            decoded = decode(found[0])
            if decoded:
                yield decoded
                yield decoded[::-1]
                yield codecs.decode(decoded, "rot13")


def _lines(text: str) -> Iterator[str]:
    """Yield the first letters, and the first words, of a text's lines: an acrostic."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    yield "".join(line[0][:1] for line in lines)
    yield " ".join(line[0] for line in lines)
    yield " ".join(line[-1] for line in lines)
    yield "".join(word[:1] for line in lines for word in line)


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _from_base64(text: str) -> str:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    padded = padded[: len(padded) - (len(padded) % 4 == 1)]
    return _bytes(lambda: base64.b64decode(padded + "=" * (-len(padded) % 4)))


def _from_base32(text: str) -> str:
    bare = text.rstrip("=")
    return _bytes(lambda: base64.b32decode(bare + "=" * (-len(bare) % 8)))


def _from_hex(text: str) -> str:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", text)
    return _bytes(lambda: bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _from_bits(text: str) -> str:
    return "".join(chr(int(one, 2)) for one in re.findall(r"[01]{8}", text))


def _from_codes(text: str) -> str:
    return "".join(chr(int(one)) for one in re.findall(r"\d+", text))


def _from_morse(text: str) -> str:
    dotted = text.replace("\u00b7", ".").replace("\u2022", ".")
    return "".join(_MORSE_LETTERS.get(one, "") for one in re.split(r"[\s/]+", dotted))


def _bytes(decode: Callable[[], bytes]) -> str:
    try:
        return decode().decode("utf-8", "ignore")
    except (ValueError, binascii.Error):
        return ""


_DECODERS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_BASE64, _from_base64),
    (_BASE32, _from_base32),
    (_HEX, _from_hex),
    (_BITS, _from_bits),
    (_CODES, _from_codes),
    (_MORSE, _from_morse),
)
