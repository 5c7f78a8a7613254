"""A customer's first name, from whatever a page or a person has written into the name's field.

A greeting without a name is always right; one with "null", a surname or half a title never is. So
the name is left out wherever it is not plainly one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import dropwhile

from agentbot.pipeline.words import fold, plain

_LONGEST = 30
"""Letters of a first name: longer than "Wolfeschlegelsteinhausen", and no greeting bears more."""
_MOST_WORDS = 6
"""Words of a person's name, titles included: more are a sentence, or a firm."""
_NAME = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NO_NAME = re.compile(r"[\d@{}<>\[\]|\\/#=:;%$&*~^?!\"]|\bwww\b")
_JOINTS = re.compile("(['-])")
_BRACKETS = re.compile(r"\([^()]*\)")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHOUTED = 3
"""Letters from which on capitals are shouting: two may be initials that a person goes by, "JP"."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLACEHOLDERS = _set(
    "null none nil undefined unknown nan test tester testing asdf qwerty name noname anonymous"
    " anonym anonyme anonimo anonimowy anoniem anon guest gast invite invitado convidado ospite"
    " gosc visitor besucher visiteur visitante bezoeker visitatore user usuario utilisateur"
    " benutzer customer kunde client cliente klant klient admin administrator webmaster root info"
    " support sales office contact kontakt team shop service bot me myself you someone somebody"
    " nobody private privat default string object true false empty your no first last firstname"
    " lastname fname lname vorname nachname prenom nom nombre voornaam imie web website whatsapp"
    " facebook instagram messenger telegram chat online new shopper buyer chatbot chatgpt demo"
    " example sample tbd void hello hi hallo hola bonjour asd abc qwe xyz testuser incognito"
    " unbekannt desconocido inconnu onbekend sconosciuto nieznany неизвестно гость"
    " 未知 匿名 访客 ゲスト 名無し 손님 مجهول"
)
# Titles that go with a first name or with a surname.
_TITLES = _set(
    "dr prof professor doctor doktor dott dottssa dottore dottoressa ing ingenieur dipl mag mgr"
    " lic med phil jur rer nat habil hc univ drs ir rev reverend pastor father sister rabbi imam"
    " sir dame lord lady capt captain col maj lt sgt"
)
# Titles that go with a surname: "Frau Meier".
_CIVIL_TITLES = _set(
    "mr mrs ms miss mx madam maam mister herr frau fraulein hr fr m mme mlle monsieur madame"
    " mademoiselle sr sra srta senor senora senorita senhor senhora dhr mevr mevrouw meneer sig"
    " sigra signor signora signorina pan pani panna herra rouva"
)
_SUFFIXES = _set(
    "jr sr junior senior ii iii iv phd md msc bsc ma mba esq cpa dds llm ba be rn ceo cto"
    " cfo coo cmo vp"
)
_FIRMS = _set(
    "gmbh kg ohg ug ltd limited llc inc corp plc sas sarl srl bv nv oy aps company group"
    " hotel restaurant cafe store house haus studio clinic school university family familie famille"
    " familia famiglia kundenservice buchhaltung accounting einkauf marketing the"
)
# Kinds of firms that are names too, and firms only in capitals among other words.
_FIRMS_IN_CAPITALS = _set("ag co sa spa ab as")
_AND = _set("and und et en og och oraz и y e i")
_PARTICLES = _set("de da do dos das del della di van von der den la le el al bin ibn")


@lru_cache(maxsize=1_024)  # a customer's is asked for with each reply that may greet them
def first_name(name: str) -> str:
    """Return the first name in ``name``, written as names are; ``""`` where none is plain."""
    said = unicodedata.normalize("NFKC", plain(name))
    said = " ".join(_BRACKETS.sub(" ", said).split())
    words = [] if _NO_NAME.search(said) else _surname_last(said).split()
    if len(words) > _MOST_WORDS or any(_is_firm(word, said) for word in words):
        return ""
    if any(word.lower() in _AND for word in words):
        return ""
    untitled = list(dropwhile(_is_title, words))
    if not untitled or len(untitled) == 1 < len(words):
        return ""  # "Frau Meier", "Dr. Meier"
    if len(untitled) > 1 and untitled[0] in _PARTICLES:
        return ""  # "van der Berg"
    surname_first = len(untitled) > 1 and _is_shouted(untitled[0]) and not untitled[1].isupper()
    return _as_written(untitled[surname_first], alone=len(untitled) == 1)


def is_placeholder(name: str) -> bool:
    """Say whether a name is none: what a page writes where it knows no name."""
    return _PLACEHOLDERS.issuperset(fold(name).split())


def _surname_last(name: str) -> str:
    """Return "Vera Visitor" for "Visitor, Vera"; ``""`` where the comma means something else."""
    last, comma, first = name.partition(",")
    if not comma:
        return name
    behind = [_bare(word) for word in first.replace(",", " ").split()]
    if behind and _SUFFIXES.issuperset(behind):
        return last.strip()
    words = [_bare(word) for word in last.split()]
    if "," in first or not words or not (len(words) == 1 or words[0] in _PARTICLES):
        return ""
    return f"{first.strip()} {last.strip()}" if behind else ""


def _is_firm(word: str, name: str) -> bool:
    bare = _bare(word)
    capitals = word.isupper() and not name.isupper()
    return bare in _FIRMS or (capitals and bare in _FIRMS_IN_CAPITALS)


def _is_title(word: str) -> bool:
    """Say whether a word is a title, or several that hyphens or full stops join."""
    parts = {_bare(part) for part in re.split("[.-]", word) if part}
    return bool(parts) and (_TITLES.issuperset(parts) or _bare(word) in _TITLES | _CIVIL_TITLES)


def _bare(word: str) -> str:
    """Return the letters of a word, folded."""
    return fold(word).replace(" ", "")


def _is_shouted(word: str) -> bool:
    return word.isupper() and len(word) >= _SHOUTED


def _as_written(word: str, *, alone: bool) -> str:
    """Return a first name in the case of names; ``""`` where the word is none."""
    core = _core(word)
    letters = "".join(sign for sign in core if not _is_mark(sign))
    if is_placeholder(core) or not _NAME.fullmatch(letters) or len(letters) > _LONGEST:
        return ""
    if _EAST_ASIAN.search(core):
        return core if alone else ""  # which of two is the surname, the script does not tell
    if len(set(letters.lower())) == 1:
        return ""  # an initial, or a key that was held down
    shouted = core.isupper() and len(letters) >= _SHOUTED
    if not shouted and not core.islower():
        is_handle = core[0].islower() and not _JOINTS.search(core)  # "xXveraXx"
        return "" if is_handle else core
    return "".join(part.capitalize() for part in _JOINTS.split(core))


def _core(word: str) -> str:
    """Return a word without what stands around its letters, such as flowers and full stops."""
    places = [place for place, sign in enumerate(word) if sign.isalpha() or _is_mark(sign)]
    return word[places[0] : places[-1] + 1] if places else ""


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")
