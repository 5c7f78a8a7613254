"""The other systems that a bot asks: those that tools look things up in, and the language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentbot.cli.doctor.checkup import CheckFailed, NotTried
from agentbot.cli.exit_codes import remedy
from agentbot.cli.model import endpoints
from agentbot.config import Settings, read_variables
from agentbot.errors import LLMError
from agentbot.pipeline.llm.dialect import Way
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.llm.prompt import PLAIN_PROTOCOL, PROTOCOL
from agentbot.pipeline.llm.reading import read_answer
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.tools.toolbox import Toolbox

if TYPE_CHECKING:  # it brings openai along
    from agentbot.pipeline.llm.openai_chat import OpenAIChat

_ASKED = "Let the text of your answer be the one word: ready"
"""What the language model is asked: any that follows the form can."""


async def reach_tools(settings: Settings) -> str:
    """Connect to the hosts that tools.yaml declares, and ask them nothing."""
    tools = load_prompts(settings.prompts_dir).tools
    if not tools:
        raise NotTried("tools.yaml declares none")
    reached = await Toolbox(tools, read_variables()).reach()
    if not reached:
        raise NotTried("the MCP servers of tools.yaml are programs, which are run when asked")
    return f"{', '.join(reached)}: connected"


async def ask_models(settings: Settings) -> str:
    """Ask each language model for one word, in the form that its answers have.

    It may think about it for as many tokens as an answer may have: a bound of a few words would
    make models that reason look as if they said nothing. Raises ``CheckFailed`` where one has no
    answer, once all were asked: each has its own reason.
    """
    models = endpoints(settings, anew=True)
    if not models:
        raise NotTried("OPENAI_API_KEY and OPENAI_BASE_URL are not set; rules and FAQ answer")
    found, failed = [], []
    for name, model in models.items():
        try:
            found.append(await _ask(settings, name, model))
        except LLMError as error:
            failed.append((name, error))
    if not failed:
        return "; ".join(found)
    problems = [f"{name}: {error}" for name, error in failed]
    raise CheckFailed("; ".join([*problems, *found]), remedy(failed[0][1]))


async def _ask(settings: Settings, name: str, model: OpenAIChat) -> str:
    llm = settings.llm
    protocol = PROTOCOL if llm.structured else PLAIN_PROTOCOL
    asked = [ChatMessage("system", protocol.strip()), ChatMessage("user", _ASKED)]
    way, said = None, ""
    try:
        while model.way is not way:  # what does not follow one way is asked by the next
            way = model.way
            completion = await model.complete(asked, seconds=llm.timeout_seconds)
            answer = read_answer(completion.text)
            said = completion.text if answer is None else answer.text or answer.action
        model.keep()
    finally:
        await model.close()
    way = model.way if llm.structured else Way.WORDS
    without = f" without {', '.join(model.left_out)}" if model.left_out else ""
    return f"{name} says {said[:40]!r} when asked by {way}{without}; the bot will ask it so"
