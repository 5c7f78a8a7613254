"""Times in the grammar of each language, as its pack makes them: files/texts.py, ``times``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.schedule import TimeWords, say_when
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.prompts import load_prompts
from tests.support.folders import folder

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
"""A Thursday."""
MOMENTS = (
    datetime(2026, 11, 26, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 26, 13, 0, tzinfo=UTC),
    datetime(2026, 11, 27, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 1, 11, 30, tzinfo=UTC),
    datetime(2026, 12, 8, 1, 15, tzinfo=UTC),
    datetime(2027, 1, 1, 9, 0, tzinfo=UTC),
)
"""One and thirteen o'clock, midnight, a weekday, a date, and the first day of the next year."""

SAID: dict[Language, tuple[str, ...]] = {
    "en": (
        "today at 1:00",
        "today at 13:00",
        "tomorrow at 0:00",
        "on Tuesday at 11:30",
        "on 8 December at 1:15",
        "on 1 January 2027 at 9:00",
    ),
    "de": (
        "heute um 1:00 Uhr",
        "heute um 13:00 Uhr",
        "morgen um 0:00 Uhr",
        "am Dienstag um 11:30 Uhr",
        "am 8. Dezember um 1:15 Uhr",
        "am 1. Januar 2027 um 9:00 Uhr",
    ),
    "fr": (
        "aujourd'hui à 1:00",
        "aujourd'hui à 13:00",
        "demain à 0:00",
        "mardi à 11:30",
        "le 8 décembre à 1:15",
        "le 1er janvier 2027 à 9:00",
    ),
    "es": (
        "hoy a la 1:00",
        "hoy a las 13:00",
        "mañana a las 0:00",
        "el martes a las 11:30",
        "el 8 de diciembre a la 1:15",
        "el 1 de enero de 2027 a las 9:00",
    ),
    "pt": (
        "hoje à 1:00",
        "hoje às 13:00",
        "amanhã às 0:00",
        "na terça-feira às 11:30",
        "no dia 8 de dezembro à 1:15",
        "no dia 1 de janeiro de 2027 às 9:00",
    ),
    "nl": (
        "vandaag om 1:00 uur",
        "vandaag om 13:00 uur",
        "morgen om 0:00 uur",
        "dinsdag om 11:30 uur",
        "op 8 december om 1:15 uur",
        "op 1 januari 2027 om 9:00 uur",
    ),
    "it": (
        "oggi all'1:00",
        "oggi alle 13:00",
        "domani alle 0:00",
        "martedì alle 11:30",
        "l'8 dicembre all'1:15",
        "il 1º gennaio 2027 alle 9:00",
    ),
    "pl": (
        "dziś o 1:00",
        "dziś o 13:00",
        "jutro o 0:00",
        "we wtorek o 11:30",
        "8 grudnia o 1:15",
        "1 stycznia 2027 r. o 9:00",
    ),
}


def words_of(code: Language, place: Path) -> TimeWords:
    """Return the words of a folder that writes none of its own."""
    return load_prompts(folder(place, texts=f"language: {code}\n")).texts.times


@pytest.mark.parametrize("code", CODES)
def test_times_are_said_as_people_say_them(code: Language, tmp_path: Path) -> None:
    """Articles and prepositions follow the hour and the day."""
    words = words_of(code, tmp_path)
    said = tuple(
        say_when(moment, now=NOW, zone=UTC, words=words, name_zone=False) for moment in MOMENTS
    )
    assert said == SAID[code]


@pytest.mark.parametrize(
    ("code", "zone", "said"),
    [
        ("fr", "Africa/Cairo", "heure locale du Caire"),
        ("fr", "Europe/Athens", "heure locale d'Athènes"),
        ("fr", "Atlantic/Canary", "heure locale des Îles Canaries"),
        ("fr", "America/Bogota", "heure locale de Bogotá"),
        ("it", "Africa/Cairo", "ora locale del Cairo"),
        ("it", "Atlantic/Canary", "ora locale delle Isole Canarie"),
        ("es", "Africa/Cairo", "hora local de El Cairo"),
        ("es", "America/Havana", "hora local de La Habana"),
    ],
)
def test_zones_are_named_with_their_articles(
    code: Language, zone: str, said: str, tmp_path: Path
) -> None:
    """As the language joins a preposition and a city."""
    words = words_of(code, tmp_path)
    assert words.zones.name(NOW.astimezone(ZoneInfo(zone))) == said


def test_operators_say_their_own_pieces_otherwise(tmp_path: Path) -> None:
    """For patterns that they write themselves."""
    texts = "times: {today: 'at {time} today', instead: {'at 1:00': 'at one', '13:': '1 pm '}}\n"
    words = load_prompts(folder(tmp_path, texts=texts)).texts.times
    said = [
        say_when(moment, now=NOW, zone=UTC, words=words, name_zone=False) for moment in MOMENTS[:2]
    ]
    assert said == ["at one today", "at 1 pm 00 today"]
