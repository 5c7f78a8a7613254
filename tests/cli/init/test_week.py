"""A week is read as people type it, in English and in the language of the texts."""

from __future__ import annotations

import pytest

from agentbot.cli.init.week import parse_week
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES, load_pack

NINE = ("9:00-17:00",)
LATE = ("20:00-2:00",)
WEEKDAYS = {"weekdays": NINE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 9-17", WEEKDAYS),
        ("Mon \N{EN DASH} Fri: 9.00 to 17:00", WEEKDAYS),
        ("monday to friday 9:00-17:00, sunday closed", WEEKDAYS),
        ("weekdays 9-12, 13-17", {"weekdays": ("9:00-12:00", "13:00-17:00")}),
        ("mon-fri 9am-5pm", WEEKDAYS),
        ("mon 12 pm - 12:30 am", {"monday": ("12:00-0:30",)}),
        ("daily 9-17", {"everyday": NINE}),
        ("always", {"everyday": ("0:00-24:00",)}),
        ("sat-sun 9-17; mon 9-17", {"monday": NINE, "saturday": NINE, "sunday": NINE}),
        ("fri-sun 20:00-2:00", {"friday": LATE, "saturday": LATE, "sunday": LATE}),
        ("sun-mon 20:00-2:00", {"monday": LATE, "sunday": LATE}),
        ("lundi au vendredi 9-17", WEEKDAYS),
        ("lun-ven 9h-17h", WEEKDAYS),
        ("lun-ven 9h00 à 17 h 00", WEEKDAYS),
        ("mon-fri 9 Uhr bis 17 Uhr", WEEKDAYS),
        ("mon-fri 9.30-17h30", {"weekdays": ("9:30-17:30",)}),
        ("daily 9-17, wed-sun closed", {"monday": NINE, "tuesday": NINE}),
    ],
)
def test_a_week_is_read(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    """A later part replaces what an earlier one said of a day."""
    assert parse_week(text, load_pack("fr").texts.times.week) == expected


@pytest.mark.parametrize("code", CODES)
def test_days_have_names_in_each_language(code: Language) -> None:
    """Whole, or by their first letters."""
    days = load_pack(code).texts.times.week
    assert parse_week(f"{days[0]}-{days[4]} 9-17", days) == WEEKDAYS
    assert parse_week(f"{days[0][:4]}-{days[4][:4]} 9-17", days) == WEEKDAYS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("xyz 9-17", "'xyz' is no day"),
        ("t 9-17", "'t' is no day"),
        ("mon 9-5", "write 9-17"),
        ("mon 9-25", "no clock shows"),
        ("mon nine to five", "is no day; write mon"),
        ("9-17", "write mon-fri 9:00-17:00"),
        ("mon", "write mon-fri 9:00-17:00"),
        ("mon closed", "no day with hours"),
        ("", "no day with hours"),
    ],
)
def test_what_is_no_week_is_told(text: str, said: str) -> None:
    """With what to write instead."""
    with pytest.raises(ValueError, match=said):
        parse_week(text)
