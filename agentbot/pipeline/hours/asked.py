"""Which days a question names: "tomorrow", "on Sunday", "25 December", "at Easter".

Nothing is said of what they are asked for. The words of each language stand in ``days.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml
from pydantic import Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.feasts import days_of
from agentbot.pipeline.languages.pack import Loader
from agentbot.pipeline.words import fold, plain

_LONGEST_PHRASE = 5
"""Words of the longest phrase of ``days.yaml``, with some room."""
_MOST_DAYS = 7
"""Days that are told at most: a week."""
_MOST_BETWEEN = 2
"""Words between "the day after" and the day: "of the"."""
_HORIZON = timedelta(days=400)
"""How far ahead a day may be: nobody knows a shop's hours beyond a year and a month."""
_LEAP_YEARS = 4
"""Years in which a 29 February is looked for."""
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DOTTED = re.compile(
    r"(?<![\d.:])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>\d{4}))?(?!\d)"
)
_SLASHED = re.compile(
    r"(?<![\d/])(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>\d{4}))?(?![\d/])"
)
_FIGURES = re.compile(r"\d\s?[-./]\s?\d")
"""What each of these has in it."""
_ROUND_THE_CLOCK = re.compile(r"\b24\s?/\s?7\b")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|o|a)?")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_OF = frozenset({"of", "de", "the"})
_YEAR = re.compile(r"20\d\d")


class DayWords(FileModel):
    """The words of one language: see the head of ``days.yaml``."""

    told: str
    date: str
    closed: str
    none: list[str]
    relative: dict[int, list[str]]
    beside: dict[int, list[str]]
    weekend: list[str]
    next: list[str]
    weekdays: list[list[str]] = Field(min_length=7, max_length=7)
    months: list[list[str]] = Field(min_length=12, max_length=12)
    holidays: dict[str, list[str]]
    any_holiday: list[str]
    unclear: list[str]
    within: list[str]
    spans: list[str]


@cache
def day_words() -> Mapping[str, DayWords]:
    """Read the words of all languages, by their codes, once."""
    text = files(__package__).joinpath("days.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[str, DayWords]).validate_python(read)


@dataclass(slots=True)
class AskedDays:
    """What a question names: ``days`` in their order; ``feasts`` are those named as a feast's.

    ``any_holiday``: public holidays as such. ``is_unclear``: a day is named, and nobody can say
    which, or what is known of it. ``beside`` is how many days after one that was named before
    ("and the day after?"), 0: none is. ``others`` are the words that name none, folded.
    """

    days: list[date] = field(default_factory=list)
    feasts: set[date] = field(default_factory=set)
    any_holiday: bool = False
    is_unclear: bool = False
    beside: int = 0
    others: list[str] = field(default_factory=list)

    @property
    def is_any(self) -> bool:
        """Whether a day is named at all."""
        return bool(self.days) or self.any_holiday or self.is_unclear


def asked_days(text: str, *, today: date, code: Language) -> AskedDays:
    """Return the days that ``text`` names in a language, as seen from ``today``."""
    found = AskedDays()
    if not _may_name_a_day(text, code):
        return found
    left = _ROUND_THE_CLOCK.sub(" ", plain(text))
    for pattern in (_ISO, _DOTTED, _SLASHED):
        for one in pattern.finditer(left):
            _take_written(one, found, today, is_english=code == "en")
        left = pattern.sub(" ", left)
    _Scan(fold(left).split(), _lexicon(code), today, found, is_english=code == "en").run()
    within = {day for day in found.days if today <= day <= today + _HORIZON}
    found.is_unclear |= len(within) != len(set(found.days)) or len(within) > _MOST_DAYS
    found.days = sorted(within)
    return found


def _may_name_a_day(text: str, code: Language) -> bool:
    """Say whether a text has a word that tells of a day, or a date in figures: most have neither,
    and need no closer look."""
    folded = fold(text)
    if not _lexicon(code).telling.isdisjoint(folded.split()):
        return True
    return _FIGURES.search(plain(text)) is not None or _ORDINAL.search(folded) is not None


def _take_written(one: re.Match[str], found: AskedDays, today: date, *, is_english: bool) -> None:
    """Take a date in figures: 25.12., 25/12/2026, and in English 12/25 too."""
    day, month, year = int(one["day"]), int(one["month"]), one["year"]
    if is_english and one.re is _SLASHED and day != month:
        if day <= 12 and month <= 12:
            found.is_unclear = True
            return
        if month > 12:
            day, month = month, day
    _take_date(found, today, day, month, year)


def _take_date(
    found: AskedDays, today: date, day: int, month: int, year: str | None
) -> date | None:
    """Take the next such day, or that of the year, and return it; None: there is none."""
    years = [int(year)] if year else range(today.year, today.year + _LEAP_YEARS + 1)
    for one in years:
        try:
            made = date(one, month, day)
        except ValueError:
            continue
        if year or made >= today:
            found.days.append(made)
            return made
    found.is_unclear = True
    return None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """A language's words, folded. ``phrases`` say what they are, and of which kind."""

    phrases: Mapping[tuple[str, ...], tuple[str, str]]
    months: Mapping[str, int]
    next: frozenset[tuple[str, ...]]
    within: frozenset[str]
    spans: frozenset[tuple[str, ...]]
    telling: frozenset[str]
    """A word of each phrase, its longest ("the day after": after), and the months: where none of
    them is said, no day is named."""


@cache
def _lexicon(code: str) -> _Lexicon:
    words = day_words()[code]
    phrases: dict[tuple[str, ...], tuple[str, str]] = {}
    listed = [("none", "", words.none), ("weekend", "", words.weekend)]
    listed += [("relative", str(days), forms) for days, forms in words.relative.items()]
    listed += [("beside", str(days), forms) for days, forms in words.beside.items()]
    listed += [("feast", feast, forms) for feast, forms in words.holidays.items()]
    listed += [("any_holiday", "", words.any_holiday), ("unclear", "", words.unclear)]
    listed += [("weekday", str(day), forms) for day, forms in enumerate(words.weekdays)]
    for kind, which, forms in listed:
        for form in forms:
            phrases.setdefault(tuple(fold(form).split()), (kind, which))
    months = {form: number for number, forms in enumerate(words.months, 1) for form in forms}
    return _Lexicon(
        phrases=phrases,
        months={fold(form).strip(): number for form, number in months.items()},
        next=frozenset(tuple(fold(one).split()) for one in words.next),
        within=frozenset(fold(one).split()[0] for one in words.within),
        spans=frozenset(tuple(fold(one).split()) for one in words.spans),
        telling=frozenset(max(phrase, key=len) for phrase in phrases)
        | {fold(form).strip() for form in months},
    )


@dataclass(slots=True)
class _Scan:
    """One way through the words of a text, the longest phrase first."""

    words: list[str]
    lexicon: _Lexicon
    today: date
    found: AskedDays
    is_english: bool
    place: int = 0
    weekday: date | None = None
    """The weekday just read: before a date it only says which day that is."""
    first: tuple[date, int] | None = None
    """The last weekday that was read, and the place after it."""
    beside: tuple[int, int] | None = None
    """How many days after the day that is read next, and the place after these words."""

    def run(self) -> None:
        """Read all words."""
        while self.place < len(self.words):
            before, named = self.weekday, len(self.found.days)
            taken = self._dated() or self._phrase() or self._lone()
            if self.weekday is before:  # something else was read
                self.weekday = None
            if not taken:
                self.found.others.append(self._at(self.place))
            if len(self.found.days) > named:
                self._go_beside(named)
            self.place += taken or 1
        if self.beside is not None:
            self.found.beside = self.beside[0]

    def _go_beside(self, named: int) -> None:
        """Take the day after, or before, the one just read: "the day after Christmas"."""
        if self.beside is None or self.place - self.beside[1] > _MOST_BETWEEN:
            return
        days, found = self.beside[0], self.found
        # Of several days, the last or the first one.
        one = max(found.days[named:]) if days > 0 else min(found.days[named:])
        found.days[named:] = [one + timedelta(days=days)]
        found.feasts.difference_update(set(found.feasts) - set(found.days))
        self.weekday = self.beside = None

    def _at(self, place: int) -> str:
        return self.words[place] if place < len(self.words) else ""

    def _dated(self) -> int:
        """Read "25 December 2026", "25 de diciembre", "December 25th"; return how many words."""
        first = self._at(self.place)
        month_at = self.place + 1 + (self._at(self.place + 1) in _OF)
        if (day := _DAY.fullmatch(first)) and (month := self._month(month_at)):
            return self._date(int(day[1]), month, month_at + 1) - self.place
        month = self._month(self.place)
        day_at = self.place + 1 + (self._at(self.place + 1) in _OF)
        if self.is_english and month and (day := _DAY.fullmatch(self._at(day_at))):
            return self._date(int(day[1]), month, day_at + 1) - self.place
        return 0

    def _month(self, place: int) -> int:
        return self.lexicon.months.get(self._at(place), 0)

    def _date(self, day: int, month: int, after: int) -> int:
        """Take a date, and the days before it that it belongs to; return the place after it."""
        year = self._at(after) if _YEAR.fullmatch(self._at(after)) else None
        made = _take_date(self.found, self.today, day, month, year)
        if made is not None:
            if self.weekday is not None:
                self.found.days.remove(self.weekday)
                self.found.is_unclear |= self.weekday.weekday() != made.weekday()
            self._take_span(made)
        return after + (year is not None)

    def _take_span(self, last: date) -> None:
        """Take the other days of "24 and 25 December", and of "24 to 27 December"."""
        for length in (2, 1):
            start = self.place - length - 1
            first = _DAY.fullmatch(self._at(start)) if start >= 0 else None
            if first is None or not 0 < int(first[1]) < last.day:
                continue
            begin = last.replace(day=int(first[1]))
            joined = tuple(self.words[start + 1 : self.place])
            is_span = joined in self.lexicon.spans
            between = range((last - begin).days) if is_span else range(1)
            self.found.days.extend(begin + timedelta(days=days) for days in between)
            return

    def _phrase(self) -> int:
        """Read the longest phrase that begins here; return how many words it has."""
        for count in range(_LONGEST_PHRASE, 0, -1):
            said = tuple(self.words[self.place : self.place + count])
            if len(said) == count and (known := self.lexicon.phrases.get(said)):
                self._take(*known, count)
                return count
        return 0

    def _take(self, kind: str, which: str, count: int) -> None:
        found, today = self.found, self.today
        match kind:
            case "relative":
                found.days.append(today + timedelta(days=int(which)))
            case "beside":
                self.beside = int(which), self.place + count
            case "weekday":
                day = self._next_weekday(int(which), count)
                if self._ends_week():
                    return
                self.weekday, self.first = day, (day, self.place + count)
                found.days.append(day)
            case "weekend":
                saturday = today + timedelta(days=(5 - today.weekday()) % 7)
                found.days += [saturday, saturday + timedelta(days=1)]
            case "feast":
                days = days_of(which, today)
                found.days += days
                found.feasts.update(days)
            case "any_holiday":
                found.any_holiday = True
            case "unclear":
                found.is_unclear = True

    def _ends_week(self) -> bool:
        """Say whether "from Monday to Friday" ends here: the usual week is asked for, no day."""
        if self.first is None:
            return False
        day, after = self.first
        is_span = tuple(self.words[after : self.place]) in self.lexicon.spans
        if is_span and day in self.found.days:
            self.found.days.remove(day)
        return is_span

    def _next_weekday(self, weekday: int, count: int) -> date:
        """Return the next such day; today counts but for "next Monday"."""
        after = self.place + count
        around = (tuple(self.words[max(self.place - length, 0) : self.place]) for length in (1, 2))
        behind = (tuple(self.words[after : after + length]) for length in (1, 2))
        is_next = any(one in self.lexicon.next for one in (*around, *behind))
        days = (weekday - self.today.weekday()) % 7
        return self.today + timedelta(days=days or 7 * is_next)

    def _lone(self) -> int:
        """Read "the 25th", and a month without a day."""
        word = self._at(self.place)
        if self.is_english and (ordinal := _ORDINAL.fullmatch(word)):
            self.found.days.extend(self._this_month_or_next(int(ordinal[1])))
        elif self._month(self.place) and self._at(self.place - 1) in self.lexicon.within:
            self.found.is_unclear = True
        else:
            return 0
        return 1

    def _this_month_or_next(self, day: int) -> Iterator[date]:
        for days in range(62):
            one = self.today + timedelta(days=days)
            if one.day == day:
                yield one
                return
