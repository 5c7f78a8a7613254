"""Several models answer as one, and what keeps failing is let rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agentbot.errors import LLMError, PromptTooLong
from agentbot.pipeline.llm.chain import Breaker, Link, ModelChain
from agentbot.pipeline.llm.model import ChatMessage, Completion
from tests.support.model import FakeModel
from tests.support.virtual_time import in_virtual_time

ASKED = [ChatMessage("user", "Hi")]
AWAY = LLMError("connection", "nobody there")


def chain(*models: FakeModel, most_at_once: int = 8) -> ModelChain:
    """The chain of these models, named by their places."""
    links = [Link(f"m{number}", model) for number, model in enumerate(models)]
    return ModelChain(links, most_at_once=most_at_once)


@in_virtual_time
async def test_the_first_that_can_be_had_answers() -> None:
    """And is named; it leaves time for the next."""
    first, second, third = FakeModel(AWAY), FakeModel("Yes."), FakeModel("No.")
    said = await chain(first, second, third).complete(ASKED, seconds=10.0)
    assert (said.text, said.model) == ("Yes.", "m1")
    assert first.seconds == pytest.approx(6.0, abs=0.5)
    assert third.calls == 0


@in_virtual_time
async def test_where_none_can_be_had_the_last_failure_is_told() -> None:
    """And all the time that is left was the last one's."""
    last = FakeModel(LLMError("refused", "404: no such model"))
    with pytest.raises(LLMError, match="no such model"):
        await chain(FakeModel(AWAY), last).complete(ASKED, seconds=10.0)
    assert last.seconds == pytest.approx(10.0, abs=0.5)


@in_virtual_time
async def test_a_prompt_too_long_is_no_failure_of_the_model() -> None:
    """Whoever asks shortens it first."""
    second = FakeModel("Yes.")
    with pytest.raises(PromptTooLong):
        await chain(FakeModel(PromptTooLong("too_long", "x")), second).complete(ASKED, seconds=9)
    assert second.calls == 0


@in_virtual_time
async def test_no_other_is_asked_without_time() -> None:
    """Nobody answers in no time."""
    second = FakeModel("Yes.")
    with pytest.raises(LLMError, match="nobody there"):
        await chain(FakeModel(AWAY), second).complete(ASKED, seconds=0.5)
    assert second.calls == 0


@in_virtual_time
async def test_a_model_that_keeps_failing_is_not_asked_for_a_while() -> None:
    """The next one answers at once; alone, it is told why."""
    first, second = FakeModel(AWAY), FakeModel("Yes.")
    both = chain(first, second)
    for _ in range(8):
        assert (await both.complete(ASKED, seconds=9.0)).text == "Yes."
    assert first.calls == 5
    assert second.seconds == pytest.approx(9.0, abs=0.5)
    alone = chain(FakeModel(AWAY))
    for _ in range(5):
        with pytest.raises(LLMError, match="nobody there"):
            await alone.complete(ASKED, seconds=9.0)
    with pytest.raises(LLMError, match=r"not asked for 20 s more after 5 failures: connection: no"):
        await alone.complete(ASKED, seconds=9.0)


def test_a_rest_ends_with_one_call_and_doubles_where_that_fails() -> None:
    """Up to five minutes; an answer ends it all."""
    breaker, now = Breaker(), 100.0
    for _ in range(5):
        assert not breaker.resting(now)
        breaker.failed(AWAY, now)
    for rest in (20.0, 40.0, 80.0, 160.0, 300.0, 300.0):
        assert breaker.resting(now + rest - 1)
        now += rest
        assert not breaker.resting(now), "one call is let through"
        assert breaker.resting(now), "and no other"
        breaker.failed(AWAY, now)
    breaker.answered()
    assert not breaker.resting(now)


def test_what_is_the_questions_fault_shows_that_the_server_is_there() -> None:
    """Refusals open nothing."""
    breaker = Breaker()
    for error in [AWAY] * 4 + [LLMError("refused", "the filter")] + [AWAY] * 4:
        breaker.failed(error, 0.0)
    assert not breaker.resting(0.0)


class Slow:
    """A model that answers when it is told to, and counts who waits."""

    def __init__(self) -> None:
        self.waiting = 0
        self.go = asyncio.Event()

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
    ) -> Completion:
        """Wait, and answer."""
        del messages, seconds
        self.waiting += 1
        await self.go.wait()
        return Completion("Yes.", model="own")


@in_virtual_time
async def test_only_so_many_are_asked_at_once() -> None:
    """The others wait for their turn, and within their time; a name of its own stays."""
    model = Slow()
    one = ModelChain([Link("m", model)], most_at_once=2)
    asking = [asyncio.create_task(one.complete(ASKED, seconds=5.0)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(LLMError, match=r"0\.05 s went by while other answers"):
        await one.complete(ASKED, seconds=0.05)
    assert model.waiting == 2
    model.go.set()
    assert [said.model for said in await asyncio.gather(*asking)] == ["own"] * 3
    assert model.waiting == 3
