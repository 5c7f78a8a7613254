"""A tool: one look-up of another system, compiled, without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.tools.address import Address, Origin, Text
from agentbot.pipeline.tools.parameter import Parameter, Value
from agentbot.pipeline.tools.result import Field, Path


@dataclass(frozen=True, slots=True)
class Header:
    """A header; ``parts`` are by turns plain texts and names of environment variables."""

    name: str
    parts: tuple[str, ...]
    place: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that hold its secrets."""
        return self.parts[1::2]

    def filled(self, secrets: Mapping[str, str]) -> str:
        """Return its value."""
        parts = enumerate(self.parts)
        return "".join(secrets[part] if number % 2 else part for number, part in parts)


@dataclass(frozen=True, slots=True)
class Server:
    """An MCP server: a program, by its ``command``, or an ``address``.

    ``secrets`` are its headers or, for a program, its environment.
    """

    name: str
    command: tuple[str, ...]
    address: Address | None
    secrets: tuple[Header, ...]
    private: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """A look-up. ``place`` is where it stands (``tools.yaml:3``); ``seconds`` is for all of it.

    ``private``: its host may stand in a private network. ``found`` leads to what is there only
    where something was found. ``for_model``: a language model may ask it too. With
    a ``server`` it is the tool ``remote_name`` there, and has no address of its own.
    """

    name: str
    about: str
    place: str
    method: str
    address: Address | None
    private: bool
    headers: tuple[Header, ...]
    body: Mapping[str, Text] | None
    parameters: Mapping[str, Parameter]
    fields: tuple[Field, ...]
    found: Path | None
    seconds: float
    max_bytes: int
    for_model: bool = False
    server: Server | None = None
    remote_name: str = ""

    @property
    def origin(self) -> Origin:
        """Whom it asks: a host, or the program of an MCP server."""
        address = self.address if self.server is None else self.server.address
        if address is not None:
            return address.origin
        return ("mcp", "" if self.server is None else self.server.name, 0)

    @property
    def is_private(self) -> bool:
        """Whether its host may stand in a private network."""
        return self.private if self.server is None else self.server.private

    @property
    def with_secrets(self) -> tuple[Header, ...]:
        """The headers, or variables, that it sends."""
        return self.headers if self.server is None else self.server.secrets

    def arguments(
        self, given: Mapping[str, object], facts: Facts, *, earlier: bool = True
    ) -> dict[str, Value]:
        """Return the values of its parameters: those given, else what their sources hold.

        ``earlier``: what the customer wrote in earlier messages counts too.
        Raises ``ValueError`` where a required one is nowhere, or one is no value of its type.
        """
        values: dict[str, Value] = {}
        for name, parameter in self.parameters.items():
            said = given.get(name)
            if said is None or said == "":
                said = parameter.found_in(facts, earlier=earlier)
            if said is not None:
                values[name] = parameter.value(said)
            elif parameter.required:
                raise ValueError(f"{name} is not known")
        return values

    @property
    def samples(self) -> dict[str, object]:
        """A value for each field, to try templates on."""
        return {field.name: field.sample for field in self.fields}


def as_text(value: Value) -> str:
    """Return a value as it stands in a URL."""
    return str(value).lower() if isinstance(value, bool) else str(value)
