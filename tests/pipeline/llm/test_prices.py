"""What an answer costs is known where the model's price is, and never 0 where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.llm.prices import Prices


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-mini",
        "GPT-4o-mini ",
        "openai/gpt-4o-mini",
        "gpt-4o-mini-2024-07-18",
        "openai/gpt-4o-mini-2024-07-18",
        "gpt-4o-mini-latest",
    ],
)
def test_a_model_is_known_by_its_name(name: str) -> None:
    """With a provider before it, or a day after it, too."""
    assert Prices.read().cost(name, 1_000_000, 500_000) == pytest.approx(0.15 + 0.3)


def test_an_unknown_price_is_unknown() -> None:
    """As is that of tokens which nobody has counted, and of a model of a similar name."""
    prices = Prices.read()
    assert prices.cost("smollm2-135m", 100, 100) is None
    assert prices.cost("gpt-4o-mini-audio-preview", 100, 100) is None
    assert prices.cost("gpt-4o-mini", 0, 0) is None
    assert Prices().cost("gpt-4o-mini", 100, 100) is None


def test_a_file_of_the_operators_goes_first(tmp_path: Path) -> None:
    """It may say that a model costs nothing; the others stay."""
    file = tmp_path / "prices.yaml"
    file.write_text("gpt-4o-mini: {input: 0, output: 0}\nMine: {input: 1, output: 2}\n")
    prices = Prices.read(file)
    assert prices.cost("gpt-4o-mini", 100, 100) == 0.0
    assert prices.cost("mine", 1_000_000, 1_000_000) == 3.0
    assert prices.of("gpt-4o") is not None
    file.write_text("")
    assert Prices.read(file).of("gpt-4o-mini") == Prices.read().of("gpt-4o-mini")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gpt-4o: free", "gpt-4o"),
        ("gpt-4o: {input: 1}", "gpt-4o: output"),
        ("gpt-4o: {input: -1, output: 1}", "gpt-4o: input"),
        ("- gpt-4o", "prices.yaml"),
        ("a: [", "is no YAML"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str | None, place: str) -> None:
    """With its place, and what to write."""
    file = tmp_path / "prices.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        Prices.read(file)
    assert place in str(caught.value)
    assert "input: 2.5" in (caught.value.remedy or "")
