"""Answers are read as people write them."""

from __future__ import annotations

import pytest

from agentbot.cli.init import read


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Oslo", "Europe/Oslo"),
        ("europe/oslo", "Europe/Oslo"),
        ("oslo", "Europe/Oslo"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(text: str, zone: str) -> None:
    """However it is written."""
    assert read.time_zone(text) == zone


@pytest.mark.parametrize(("text", "said"), [("Olso", "Area/City"), ("Europe/Olso", "Europe/Oslo")])
def test_what_is_no_zone_is_told(text: str, said: str) -> None:
    """With the one that was meant, where that is plain."""
    with pytest.raises(ValueError, match=said):
        read.time_zone(text)


@pytest.mark.parametrize("text", ["de", "DE", "Deutsch", "deutsch", "German"])
def test_a_language_is_known_by_its_code_and_its_names(text: str) -> None:
    """In any case."""
    assert read.language(text) == "de"


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/a?sig=b&c=d", "https://x.example/models"]
)
def test_a_webhook_is_any_web_address(url: str) -> None:
    """With a question mark, too, as some services make them; or none."""
    assert read.webhook(url) == url
    assert read.webhook("") == ""
    with pytest.raises(ValueError, match="web address"):
        read.webhook("hooks.example.com")


def test_a_region_is_known_by_its_code_and_its_name() -> None:
    """And none is an answer too, as for the country."""
    assert read.country("de") == "DE"
    assert (read.region("DE", "by"), read.region("DE", "Bayern")) == ("BY", "BY")
    assert (read.country("none"), read.region("DE", "")) == ("", "")
    with pytest.raises(ValueError, match="no region"):
        read.region("DE", "Tirol")
