"""The days of feasts by their names, as customers ask for them: Christmas, Easter Monday."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = {
    "new_years_day": ((1, 1),),
    "epiphany": ((1, 6),),
    "kings_day": ((4, 27),),
    "labour_day": ((5, 1),),
    "august_15": ((8, 15),),
    "christmas_eve": ((12, 24),),
    "christmas_day": ((12, 25),),
    "boxing_day": ((12, 26),),
    "christmas": ((12, 24), (12, 25), (12, 26)),
    "new_years_eve": ((12, 31),),
}
"""Months and days."""
_FROM_EASTER = {
    "holy_thursday": (-3,),
    "good_friday": (-2,),
    "easter_sunday": (0,),
    "easter_monday": (1,),
    "easter": (-2, -1, 0, 1),
    "ascension": (39,),
    "whit_sunday": (49,),
    "whit_monday": (50,),
    "whitsun": (49, 50),
    "corpus_christi": (60,),
}
"""Days after Easter Sunday."""
NAMES = frozenset({*_FIXED, *_FROM_EASTER, "new_year"})
"""The names of the feasts that are known."""
_OFTEN_KEPT = ("christmas", "new_year", "easter", "labour_day")
"""Feasts on which many shops are closed, or keep other hours, in whatever country."""


def days_of(feast: str, today: date) -> tuple[date, ...]:
    """Return the days of the next time that a feast is kept, or of now. ``KeyError``: unknown."""
    for year in range(today.year - 1, today.year + 2):
        days = _in_year(feast, year)
        if days[-1] >= today:
            return days
    raise AssertionError  # a feast is kept every year


def is_often_kept(day: date) -> bool:
    """Say whether many shops have other hours on a day, whatever their usual ones are."""
    return any(day in days_of(feast, day) for feast in _OFTEN_KEPT)


def _in_year(feast: str, year: int) -> tuple[date, ...]:
    if feast == "new_year":
        return date(year, 12, 31), date(year + 1, 1, 1)
    if feast in _FIXED:
        return tuple(date(year, month, day) for month, day in _FIXED[feast])
    sunday = easter_sunday(year)
    return tuple(sunday + timedelta(days=days) for days in _FROM_EASTER[feast])


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of the western churches (the anonymous Gregorian computus, 1876)."""
    golden, century = year % 19, year // 100
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    four, one = divmod(year % 100, 4)
    weekday = (32 + 2 * rest + 2 * four - epact - one) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
