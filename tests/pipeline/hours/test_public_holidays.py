"""``public_holidays.py``: which days of a year are holidays, and what is not known is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from agentbot.pipeline.hours.public_holidays import (
    PublicHolidays,
    UnknownHolidaysError,
    check_name,
    find_category,
    find_country,
    find_region,
    regional_doubt,
)


def test_names_count_in_english_and_in_the_countrys_own_words() -> None:
    """A shopkeeper writes the name that they use."""
    for name in ("Epiphany", "heilige drei könige", "Heilige Drei Konige"):
        holidays = PublicHolidays("DE", region="BY", without=(name,))
        check_name(holidays, name)
        assert date(2026, 1, 6) not in holidays.of_year(2026)
        assert date(2026, 1, 1) in holidays.of_year(2026)


def test_a_day_with_two_names_is_left_out_by_either() -> None:
    """In 2008 Ascension Day fell on Labour Day in Norway."""
    both = date(2008, 5, 1)
    assert both in PublicHolidays("NO").of_year(2008)
    assert both not in PublicHolidays("NO", without=("Ascension Day",)).of_year(2008)
    assert both not in PublicHolidays("NO", without=("Labor Day",)).of_year(2008)


def test_own_days_count_in_their_years() -> None:
    """The last of February only where there is one."""
    holidays = PublicHolidays(
        "NO", also=frozenset({(2, 29), (12, 24)}), also_dates=frozenset({date(2027, 3, 4)})
    )
    assert {date(2028, 2, 29), date(2028, 12, 24)} <= holidays.of_year(2028)
    assert date(2027, 12, 24) in holidays.of_year(2027)
    assert date(2027, 3, 4) in holidays.of_year(2027)
    assert date(2028, 3, 4) not in holidays.of_year(2028)
    assert {day.year for day in holidays.of_year(2027)} == {2027}
    assert date(2100, 12, 24) in holidays.of_year(2100)


def test_a_year_is_looked_up_once() -> None:
    """It is asked for at every message."""
    of_year = PublicHolidays("NO").by_year()
    assert of_year(2026) is of_year(2026)


@pytest.mark.parametrize(
    ("look_up", "key", "said", "remedy"),
    [
        (lambda: find_country("XX"), "country", "holidays of 'XX' are not known", "ISO code"),
        (lambda: find_region("DE", "BX"), "region", "DE has no region 'BX'", "BY"),
        (
            lambda: find_category("US", "unoficial"),
            "categories",
            "US has no holidays",
            "'unofficial'",
        ),
        (
            lambda: check_name(PublicHolidays("US"), "Columbus Dey"),
            "without",
            "US has no holiday named 'Columbus Dey'",
            "'Columbus Day'",
        ),
    ],
)
def test_what_is_not_known_is_named(
    look_up: Callable[[], object], key: str, said: str, remedy: str
) -> None:
    """With the key that it stands at, and what it may have meant."""
    with pytest.raises(UnknownHolidaysError) as raised:
        look_up()
    assert raised.value.key == key
    assert said in str(raised.value)
    assert remedy in raised.value.remedy


def test_what_is_known_is_found_as_people_write_it() -> None:
    """A code in any case, or a region's name with or without its accents."""
    assert find_country(" no ") == "NO"
    assert [find_country(name) for name in ("Germany", "united states", "UK", "NOR")] == [
        "DE",
        "US",
        "GB",
        "NO",
    ]
    assert find_region("DE", "by") == "BY"
    assert find_region("DE", "Thuringen") == "TH"
    assert find_region("GB", "Northern Ireland") == "NIR"
    assert find_category("DE", "catholic") == "catholic"


def test_regions_matter_only_where_they_differ() -> None:
    """A warning about nothing would be ignored where it matters."""
    assert regional_doubt("NO") is None
    said = regional_doubt("DE")
    assert said is not None
    assert re.search(r"Corpus Christi \(BW, BY, \w\w …\), ", said)
    assert said.count("…)") == 3, "one example after the other"
