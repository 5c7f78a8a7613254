"""Languages that the bot does not answer in: which one a message is in, where that is plain.

Plain is a script that one language is written in, or several words that more of one language than
of any other are. The everyday words of the packs count too: "no" is Portuguese in "no Brasil", and
English and Spanish as well. Chat messages are short, and detectors of languages guess wrong on
them: whoever is told in the wrong language that theirs is not spoken has been served worse than
with no word of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import yaml
from pydantic import Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import Loader, all_packs
from agentbot.pipeline.words import fold, plain

_MOST_READ = 1_000
"""Characters that are looked at: the first sentences show the language."""
_LEAST_WORDS = 2
"""Different words of a language that must stand in a message for it to be in that language."""
_LETTERS = {
    **dict.fromkeys("łżźśńęą", "pl"),
    **dict.fromkeys("ñ¿¡", "es"),
    **dict.fromkeys("ãõ", "pt"),
    **dict.fromkeys("řěů", "cs"),
    **dict.fromkeys("ğışİ", "tr"),
    **dict.fromkeys("șț", "ro"),
    **dict.fromkeys("őű", "hu"),
    **dict.fromkeys("ľĺŕ", "sk"),
    **dict.fromkeys("ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỷỹỵ", "vi"),
    "ß": "de",
}
"""Letters that only one of these languages has; in a message they count as one word together."""
_LEAST_LETTERS = 0.6
"""The share (0 to 1) of a message's letters in a script for the message to be written in it: links
and names of products stay Latin."""
_SCRIPTS = {
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "CYRILLIC": "",
    "DEVANAGARI": "",
    "LATIN": "",
}
"""The first word of a letter's name in Unicode, and the language that it shows; "" where several
are written in it, and words must tell."""
_ONLY_UKRAINIAN, _ONLY_RUSSIAN = frozenset("іїєґ"), frozenset("ыэё")
_ADDRESS = re.compile(r"\S+(?:://|@)\S*|www\.\S+")
"""An address of a page or of mail, which is in no language."""
_ACRONYM = re.compile(r"\b[^\W\d_]{2,}\b")
"""What may be an acronym, if it is in capitals: "EU" is no word of Portuguese, nor "US" of any."""
_OTHER_ARABIC = frozenset("پچژگکیےٹڈڑں")
"""Letters of Persian and Urdu, which Arabic does not have."""

LATIN = "LATIN"
"""The script of most languages here, in which names stand in texts of any."""


class ForeignWords(FileModel):
    """What is said to customers in their language, and the words by which it is known."""

    only: str
    handed_over: str
    and_: str = Field(alias="and")
    names: dict[Language, str]
    words: list[str] = Field([], description="None: its script is enough.")

    def line(self, spoken: Iterable[Language]) -> str:
        """Say in which languages the bot answers."""
        *names, last = [self.names[code] for code in spoken]
        said = f"{', '.join(names)}{self.and_}{last}" if names else last
        return self.only.format(languages=said)


@cache
def foreign_words() -> dict[str, ForeignWords]:
    """Return what is said in each language, by its code; it is read once."""
    text = (Path(__file__).parent / "foreign.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[str, ForeignWords]).validate_python(read)


def read_languages() -> None:
    """Read by which words each language is known, and what is said in it."""
    _telling()


@cache
def _telling() -> dict[str, frozenset[str]]:
    """Return the languages in which each telling word stands."""
    found: dict[str, set[str]] = {}
    listed: list[tuple[str, list[str]]] = [
        (code, words.words) for code, words in foreign_words().items()
    ]
    packs = ((code, pack.asking) for code, pack in all_packs().items())
    listed += [(code, [*one.common, *one.subjects, *one.openers]) for code, one in packs]
    for code, words in listed:
        for word in (fold(one).strip() for one in words):
            if " " not in word:  # "c'est" is two, and each of them tells less
                found.setdefault(word, set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


def language_of(text: str) -> str | None:
    """Return the code of the language that a message is plainly in; None where that is not sure."""
    return _language_of(text[:_MOST_READ])


@lru_cache(maxsize=2_048)
def _language_of(text: str) -> str | None:
    """Return it for the beginning of a message: what was said before is asked for in each turn."""
    text = _ADDRESS.sub(" ", plain(text))
    if not text.isascii():
        script = _script(text)
        if code := _SCRIPTS.get(script):
            return None if code == "ar" and not _OTHER_ARABIC.isdisjoint(text) else code
        if script == "CYRILLIC":
            return _cyrillic(text)
    return _by_words(text)


def script_of(text: str) -> str:
    """Return the script that a text is in, as Unicode names it: `LATIN`, "ARABIC", "CYRILLIC".

    Latin where no script has most of the letters.
    """
    if text.isascii():
        return LATIN
    found = _script(text) or LATIN
    # Japanese and Chinese share most of their letters.
    return "CJK" if found in {"HIRAGANA", "KATAKANA"} else found


def _script(text: str) -> str:
    """Return the script of most letters; "" where none has enough of them."""
    scripts = Counter(
        unicodedata.name(sign, "").partition(" ")[0] for sign in text if sign.isalpha()
    )
    if not scripts:
        return ""
    # Japanese mixes its own letters with those that it shares with Chinese.
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0:
        scripts["HIRAGANA"] += scripts.pop("CJK", 0)
    script, count = scripts.most_common(1)[0]
    return script if count >= _LEAST_LETTERS * scripts.total() else ""


def _cyrillic(text: str) -> str | None:
    letters = set(text.lower())
    ukrainian, russian = bool(letters & _ONLY_UKRAINIAN), bool(letters & _ONLY_RUSSIAN)
    if ukrainian != russian:
        return "uk" if ukrainian else "ru"
    return None if ukrainian else _by_words(text)


def _by_words(text: str) -> str | None:
    is_mixed = text.upper() != text
    spoken = _ACRONYM.sub(_without_capitals, text) if is_mixed else text
    words = set(fold(spoken).split())
    counts: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for word in words:
        codes = _telling().get(word, frozenset())
        counts.update(codes)
        if len(codes) == 1:
            own.update(codes)
    if not text.isascii():
        letters = {_LETTERS[sign] for sign in set(text.lower()) if sign in _LETTERS}
        counts.update(letters)
        own.update(letters)
    if not counts:
        return None
    (code, count), *others = counts.most_common(2)
    is_first = not others or others[0][1] < count
    return code if count >= _LEAST_WORDS and is_first and own[code] else None


def _without_capitals(found: re.Match[str]) -> str:
    return " " if found[0].isupper() else found[0]
