"""Public holidays of a country or a part of it, with the shop's own days added and left out."""

from __future__ import annotations

import sys
from calendar import isleap
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

from agentbot.errors import DataException
from agentbot.pipeline.hours.dates import MonthDay
from agentbot.pipeline.words import did_you_mean, fold

if TYPE_CHECKING:
    from holidays import HolidayBase

SAMPLE_YEAR = 2026
"""The year in which a country's names and regions are looked at. Which holidays are kept where
changes by law, once in decades; which date they have does not matter for that."""
_EXAMPLES = 3
"""Names in a warning: enough to know what it is about, on one line."""


@dataclass(eq=False)
class UnknownHolidaysError(DataException):
    """Something in ``holidays:`` is not known. ``key`` is where, ``remedy`` what to write."""

    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The holidays of a country, or of its ``region``: ISO codes, as the library writes them.

    ``categories`` are kept beside the public ones. ``also`` are days of every year, and
    ``also_dates`` single dates, that are kept as well; ``without`` are the names of holidays that
    are not.
    """

    country: str
    region: str | None = None
    categories: tuple[str, ...] = ()
    also: frozenset[MonthDay] = field(default_factory=frozenset)
    also_dates: frozenset[date] = field(default_factory=frozenset)
    without: tuple[str, ...] = ()

    def of_year(self, year: int) -> frozenset[date]:
        """Return the days of a year on which the shop keeps a holiday."""
        skipped = {fold(name) for name in self.without}
        named = _names_by_day(self.country, self.region, self.categories, year)
        # A day with two holidays' names is left out by either.
        kept = {day for day, names in named.items() if skipped.isdisjoint(map(fold, names))}
        kept |= {date(year, *one) for one in self.also if one != (2, 29) or isleap(year)}
        return frozenset(kept | {one for one in self.also_dates if one.year == year})

    def by_year(self) -> Callable[[int], frozenset[date]]:
        """Return :meth:`of_year`, with the last few years remembered."""
        return lru_cache(maxsize=8)(self.of_year)  # this year and its neighbours are asked for


def find_country(text: str) -> str:
    """Return the code of a country, given that or its English name.

    Raises :class:`UnknownHolidaysError`.
    """
    from holidays.registry import EntityLoader  # noqa: PLC0415 - see `_holidays`

    country = _by_name().get(fold(text), text.strip().upper())
    # Asked for by code: the list with the regions imports every country.
    if country not in EntityLoader.get_country_codes():
        remedy = "write the ISO code of a country: NO, DE, US …"
        raise UnknownHolidaysError("country", f"holidays of {text!r} are not known", remedy)
    return country


def find_region(country: str, text: str) -> str:
    """Return the code of a region, given that or its name. Raises :class:`UnknownHolidaysError`."""
    codes = _holidays(country, None, ()).subdivisions
    names: Mapping[str, str] = _holidays(country, None, ()).subdivisions_aliases or {}
    wanted = text.strip()
    for known in codes:
        if wanted.upper() == known.upper():
            return known
    for name, code in names.items():
        if fold(name) == fold(wanted):
            return code
    problem = f"{country} has no region {text!r}"
    raise UnknownHolidaysError("region", problem, did_you_mean(text, [*codes, *names]))


def find_category(country: str, text: str) -> str:
    """Return the name of a kind of holidays. Raises :class:`UnknownHolidaysError`."""
    known = _holidays(country, None, ()).supported_categories
    if text in known:
        return text
    problem = f"{country} has no holidays of the kind {text!r}"
    raise UnknownHolidaysError("categories", problem, did_you_mean(text, known))


def check_name(holidays: PublicHolidays, name: str) -> None:
    """Raise :class:`UnknownHolidaysError` where no holiday of the country has this name."""
    named = _names_by_day(
        holidays.country, holidays.region, holidays.categories, SAMPLE_YEAR
    ).values()
    known = {one for names in named for one in names}
    if fold(name) not in map(fold, known):
        problem = f"{holidays.country} has no holiday named {name!r}"
        raise UnknownHolidaysError("without", problem, did_you_mean(name, known))


def regional_doubt(country: str) -> str | None:
    """Return a warning where a country without a region leaves out what only some regions keep."""
    everywhere = set(_names_by_day(country, None, (), SAMPLE_YEAR))
    regional: dict[str, list[str]] = defaultdict(list)
    for region in _holidays(country, None, ()).subdivisions:
        for day, names in _names_by_day(country, region, (), SAMPLE_YEAR).items():
            if day not in everywhere:
                regional[names[0]].append(region)
    if not regional:
        return None
    most = sorted(regional, key=lambda name: -len(regional[name]))[:_EXAMPLES]
    examples = ", ".join(f"{name} ({_list(regional[name])})" for name in most)
    return (
        f"{country} has holidays that only some regions keep, and none of them counts without"
        f" a region: {examples}. Add 'region: …' if you are in one of them"
    )


def _list(regions: Sequence[str]) -> str:
    shown = ", ".join(regions[:_EXAMPLES])
    return shown if len(regions) <= _EXAMPLES else f"{shown} …"


def _by_name() -> Mapping[str, str]:
    """Return the codes of countries by their other names: Germany, DEU, UK."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as below

    # Each is the name of a class, the code, and other codes; some of these are old classes' names.
    known = {fold(name): codes[1] for name, codes in COUNTRIES.items()}
    return known | {fold(one): codes[1] for codes in COUNTRIES.values() for one in codes[2:]}


@cache
def _let_countries_be_loaded_alone() -> None:
    """Let a country's module be imported without the 250 others, which take 70 ms and 8 MB.

    The package of the countries imports all of them when it is run; the countries need it only as
    the place where their modules are found.
    """
    name = "holidays.countries"
    spec = find_spec(name)
    if spec is not None and name not in sys.modules:
        sys.modules[name] = module_from_spec(spec)


def _holidays(
    country: str,
    region: str | None,
    categories: tuple[str, ...],
    *,
    year: int | None = None,
    language: str | None = None,
) -> HolidayBase:
    import holidays  # noqa: PLC0415 - heavy, and only folders that name a country need it

    _let_countries_be_loaded_alone()
    return holidays.country_holidays(
        country, subdiv=region, years=year, categories=categories or None, language=language
    )


@lru_cache(maxsize=64)  # a folder's countries in the years around one; and a warning's regions
def _names_by_day(
    country: str, region: str | None, categories: tuple[str, ...], year: int
) -> Mapping[date, tuple[str, ...]]:
    """Return the holidays of a year, each with its names in English and in the country's words."""
    wanted = tuple(dict.fromkeys(("public", *categories)))
    named: dict[date, list[str]] = defaultdict(list)
    own = _holidays(country, region, ()).default_language
    for language in dict.fromkeys(("en_US", own)):  # what is not spoken there is taken for its own
        found = _holidays(country, region, wanted, year=year, language=language)
        for day, names in found.items():
            named[day].extend(names.split("; "))
    return {day: tuple(dict.fromkeys(names)) for day, names in named.items() if day.year == year}
