"""``model.py``: the model that the settings want."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from agentbot.cli.faq import hides_personal
from agentbot.cli.model import endpoints, model_options, opened_model
from agentbot.config import Settings
from agentbot.config.groups import LLMSettings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.llm.form import ANSWER_FORM

LOCAL, REMOTE = "http://127.0.0.1:8080/v1", "https://model.example/v1"


@pytest.mark.parametrize(
    ("url", "mask_local", "hides"),
    [(LOCAL, True, True), (LOCAL, False, False), (REMOTE, False, True), (None, False, True)],
)
def test_only_a_model_on_this_machine_may_see_personal_data(
    url: str | None, *, mask_local: bool, hides: bool
) -> None:
    """And only where a setting says so."""
    settings = Settings(openai_base_url=url, llm=LLMSettings(mask_local=mask_local))
    assert hides_personal(settings, url) is hides
    assert model_options(settings).hides_personal is hides


def test_a_tiny_model_is_asked_for_plain_text() -> None:
    """Others for the form."""
    for structured, form in ((True, ANSWER_FORM), (False, None)):
        settings = Settings(openai_base_url=LOCAL, llm=LLMSettings(structured=structured))
        [model] = endpoints(settings).values()
        assert model._dialect.form is form
        assert model_options(settings).in_form is structured


async def test_a_model_is_there_where_one_is_named() -> None:
    """And its connections are closed afterwards."""
    async with opened_model(Settings()) as none:
        assert none is None
    async with opened_model(Settings(openai_base_url=LOCAL)) as model:
        assert model is not None


def test_models_that_stand_by_have_their_own_server_and_key() -> None:
    """A key is never sent to a server that it was not made for."""
    own = SecretStr("sk-first-key-123")
    llm = LLMSettings(fallback_models=("small", "big"))
    found = endpoints(Settings(openai_model="big", openai_api_key=own, llm=llm))
    assert list(found) == ["big", "small", "big at None"]
    assert {one._api_key for one in found.values()} == {"sk-first-key-123"}
    elsewhere = llm.model_copy(update={"fallback_base_url": REMOTE})
    settings = Settings(openai_model="big", openai_api_key=own, llm=elsewhere)
    found = endpoints(settings)
    assert [one._api_key for one in found.values()] == ["sk-first-key-123", None, None]
    assert found["small"]._base_url == REMOTE


def test_a_broken_list_of_prices_is_named(tmp_path: Path) -> None:
    """With what to write instead, before anything runs."""
    file = tmp_path / "prices.yaml"
    file.write_text("gpt-4o: free\n", encoding="utf-8")
    settings = Settings(openai_base_url=LOCAL, llm=LLMSettings(prices_file=file))
    with pytest.raises(ConfigurationError, match="gpt-4o"):
        model_options(settings)
