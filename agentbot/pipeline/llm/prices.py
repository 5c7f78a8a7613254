"""What an answer costs, by the model's price; a price that is not known is unknown, and never 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agentbot.errors import ConfigurationError

_OWN = Path(__file__).with_name("prices.yaml")
_A_MILLION = 1_000_000
"""Tokens that a price is for, as providers list them."""
_DATE = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|latest)$")
"""What providers put after a model's name to pin it to a day."""


class Price(BaseModel):
    """The price of a model, in US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


_TABLE = TypeAdapter(dict[str, Price])


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of models, by their names in small letters."""

    by_model: Mapping[str, Price] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path | None = None) -> Prices:
        """Return the prices that are known; those in ``file`` go before the package's own.

        Raises ``ConfigurationError`` for a file that is none.
        """
        own = _read(_OWN)
        return cls(own if file is None else own | _read(file))

    def of(self, model: str) -> Price | None:
        """Return a model's price; None where it is not known.

        A name is looked for as it is, then without the provider before it (``openai/gpt-4o``) and
        the day after it (``gpt-4o-2024-08-06``).
        """
        name = model.strip().lower()
        bare = name.rpartition("/")[2]
        tried = (name, bare, _DATE.sub("", name), _DATE.sub("", bare))
        return next((self.by_model[one] for one in tried if one in self.by_model), None)

    def cost(self, model: str, prompt_tokens: float, completion_tokens: float) -> float | None:
        """Return what an answer has cost, in US dollars; None where that is not known.

        Where a server does not count its tokens it is not known either.
        """
        price = self.of(model)
        if price is None or not (prompt_tokens and completion_tokens):
            return None
        return (prompt_tokens * price.input + completion_tokens * price.output) / _A_MILLION


def _read(path: Path) -> dict[str, Price]:
    remedy = "write a line for each model: gpt-4o: {input: 2.5, output: 10}"
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read: {error.strerror}", remedy) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(str(path), f"is no YAML: {problem}", remedy) from error
    try:
        table = _TABLE.validate_python({} if said is None else said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join(str(one) for one in first["loc"])
        raise ConfigurationError(f"{path}: {where}", first["msg"], remedy) from error
    return {name.strip().lower(): price for name, price in table.items()}
