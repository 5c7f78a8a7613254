"""Asked: ``asked.py``: the days that a question names are found in eight languages."""

from __future__ import annotations

from datetime import date

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.asked import asked_days, day_words
from agentbot.pipeline.hours.feasts import NAMES
from agentbot.pipeline.languages.pack import CODES

TODAY = date(2026, 11, 26)
"""A Thursday."""


def named(text: str, code: Language = "en") -> str:
    """Return the days as month and day, with what else is known of them."""
    found = asked_days(text, today=TODAY, code=code)
    marks = ["any"] * found.any_holiday + ["unclear"] * found.is_unclear
    assert found.is_any is bool(found.days or marks)
    return " ".join([f"{day:%m-%d}" for day in found.days] + marks)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("are you open?", ""),
        ("are you open today?", "11-26"),
        ("and tomorrow?", "11-27"),
        ("the day after tomorrow", "11-28"),
        ("on Sunday", "11-29"),
        ("and on Sundays?", "11-29"),
        ("on Thursday", "11-26"),
        ("next Thursday at 8 pm", "12-03"),
        ("next Monday", "11-30"),
        ("this weekend", "11-28 11-29"),
        ("on 25 December?", "12-25"),
        ("on the 25th of December 2026", "12-25"),
        ("on December 25th", "12-25"),
        ("on Friday, 25 December", "12-25"),
        ("on Monday, 25 December", "12-25 unclear"),
        ("24 and 25 December", "12-24 12-25"),
        ("24 to 27 December", "12-24 12-25 12-26 12-27"),
        ("1 to 27 December", "12-01 12-02 12-03 12-04 12-05 12-06 12-07 12-08 12-09"),
        ("the 1st", "12-01"),
        ("2027-01-02", "01-02"),
        ("on 12/25", "12-25"),
        ("on 25/12", "12-25"),
        ("on 5/5", "05-05"),
        ("on 5/6", "unclear"),
        ("open 24/7?", ""),
        ("on 30 February", "unclear"),
        ("on 24 December 2025", "unclear"),
        ("on 24 December 2029", "unclear"),
        ("on 29 February", "unclear"),
        ("at Christmas", "12-24 12-25 12-26"),
        ("at Easter", "03-26 03-27 03-28 03-29"),
        ("on New Year's Eve", "12-31"),
        ("on bank holidays", "any"),
        ("in July", "unclear"),
        ("next week", "unclear"),
        ("on Monday or Tuesday", "11-30 12-01"),
        ("from Monday to Friday?", ""),
        ("may I come by?", ""),
        ("order 25 is late", ""),
    ],
)
def test_days_are_read_in_words_and_figures(text: str, days: str) -> None:
    """What names no day that can be told is unclear; most questions name none."""
    if days.startswith("12-01 12-02"):
        assert named(text).endswith("unclear")
    else:
        assert named(text) == days


@pytest.mark.parametrize(
    ("code", "text", "days"),
    [
        ("de", "Guten Morgen, haben Sie geöffnet?", ""),
        ("de", "haben Sie morgen geöffnet?", "11-27"),
        ("de", "am 25.12. offen?", "12-25"),
        ("de", "und sonntags?", "11-29"),
        ("pt", "e aos domingos?", "11-29"),
        ("nl", "en zondags?", "11-29"),
        ("pl", "a w niedziele?", "11-29"),
        ("de", "am 1.5.2027", "05-01"),
        ("de", "bis 18.30 Uhr?", ""),
        ("de", "am zweiten Weihnachtstag", "12-26"),
        ("de", "zwischen den Jahren", "unclear"),
        ("fr", "le 1er mai", "05-01"),
        ("fr", "lundi prochain", "11-30"),
        ("fr", "jeudi prochain", "12-03"),
        ("es", "¿abren mañana por la mañana?", "11-27"),
        ("es", "¿abren por la mañana?", ""),
        ("es", "el 6 de enero", "01-06"),
        ("pt", "depois de amanhã", "11-28"),
        ("pt", "na sexta-feira", "11-27"),
        ("nl", "op tweede kerstdag", "12-26"),
        ("nl", "volgende donderdag", "12-03"),
        ("it", "a Ferragosto", "08-15"),
        ("it", "dal 24 al 26 dicembre", "12-24 12-25 12-26"),
        ("pl", "w Wigilię", "12-24"),
        ("pl", "1 maja", "05-01"),
    ],
)
def test_each_language_has_its_words(code: Language, text: str, days: str) -> None:
    """Signs and accents do not matter."""
    assert named(text, code) == days


def test_the_other_words_are_kept() -> None:
    """What else is asked stands in them."""
    found = asked_days("and a refund on Monday, 30 November?", today=TODAY, code="en")
    assert found.others == ["and", "a", "refund", "on"]


def test_every_language_can_be_read() -> None:
    """Each of its feasts has days."""
    assert set(day_words()) == set(CODES)
    for words in day_words().values():
        assert words.holidays.keys() <= NAMES
        assert words.relative.keys() == {0, 1, 2}


@pytest.mark.parametrize("code", CODES)
def test_every_word_for_a_day_is_looked_for(code: Language) -> None:
    """However rare it is: most texts are found to name no day by a word alone."""
    words = day_words()[code]
    days = [one for forms in (*words.relative.values(), *words.weekdays) for one in forms]
    days += [one for forms in words.holidays.values() for one in forms]
    days += [*words.weekend, *words.any_holiday, *words.unclear]
    days += [f"25 {one}" for forms in words.months for one in forms]
    missed = [one for one in days if not asked_days(one, today=TODAY, code=code).is_any]
    assert missed == []
    beside = [one for forms in words.beside.values() for one in forms]
    assert all(asked_days(one, today=TODAY, code=code).beside for one in beside)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "And the day after?"),
        ("en", "and the next day"),
        ("de", "Und am Tag danach?"),
        ("de", "und am nächsten Tag?"),
        ("fr", "Et le lendemain ?"),
        ("es", "¿Y al día siguiente?"),
        ("pt", "E no dia seguinte?"),
        ("it", "E il giorno dopo?"),
        ("nl", "En de dag erna?"),
        ("pl", "A następnego dnia?"),
    ],
)
def test_the_day_after_belongs_to_what_was_named_before(code: Language, text: str) -> None:
    """In every language; by itself it is no day."""
    found = asked_days(text, today=TODAY, code=code)
    assert (found.beside, found.is_any) == (1, False)


@pytest.mark.parametrize(
    ("code", "text", "days"),
    [
        ("en", "the day after Christmas Day", "12-26"),
        ("en", "the day before the 25th", "12-24"),
        ("en", "the day after Christmas", "12-27"),
        ("en", "the day after tomorrow", "11-28"),
        ("en", "the day after I called, on 25 December", "12-25"),
        ("de", "am Tag nach Neujahr", "01-02"),
        ("fr", "le lendemain de l'Ascension", "05-07"),
        ("fr", "la veille de Noël", "12-24"),
        ("it", "il giorno prima di Natale", "12-23"),
    ],
)
def test_the_day_after_another_one_is_named_whole(code: Language, text: str, days: str) -> None:
    """Not the feast itself; what has words between is something else."""
    assert named(text, code) == days
