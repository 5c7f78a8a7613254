"""The shape of tools.yaml: which systems may be asked, with what, and what of it is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from agentbot.pipeline.files.models import Duration, FileModel
from agentbot.pipeline.files.shorthand import TextOrMapping

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A tool's, a parameter's or a field's name, as templates and models write it."""

_SOURCE = re.compile(
    r"message|customer\.(?:id|name|email|page|time_zone|language|metadata\.[\w-]+)"
)
_LONGEST = timedelta(seconds=30)
"""The longest time-out: a turn's deadline is 45 seconds, and nobody waits longer for a status."""
MOST_BYTES = 1_000_000
"""The largest answer that may be allowed: read and parsed within some 10 ms."""


class ParameterModel(FileModel):
    """What the other system must be told: its type, and where it comes from."""

    about: str = Field("", max_length=500, description="What it is, for colleagues and the model.")
    type: Literal["string", "integer", "number", "boolean", "date"] = "string"
    pattern: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="A regular expression that the whole value must match: '[A-Z]{2}\\d{6}'.",
    )
    one_of: list[str] | None = Field(
        None, min_length=1, max_length=50, description="The only values that there are."
    )
    minimum: float | None = Field(None, description="The least number.")
    maximum: float | None = Field(None, description="The largest number.")
    max_length: int = Field(default=100, ge=1, le=1000, description="Characters at most.")
    required: bool = Field(default=True, description="Nothing is looked up without it.")
    source: str | None = Field(
        None,
        alias="from",
        description="Where it comes from: message (the first word of this one, else of those "
        "before it, that fits the pattern), customer.email, customer.name, customer.metadata.KEY "
        "…; left out: the rule, or the model, says it. What a customer claims is no proof of who "
        "they are.",
    )

    @field_validator("source")
    @classmethod
    def _known_source(cls, source: str | None) -> str | None:
        if source is not None and not _SOURCE.fullmatch(source):
            raise ValueError(
                f"'from' cannot be {source!r}; write message, customer.email, customer.name, "
                "customer.id, customer.page or customer.metadata.KEY, or leave it out"
            )
        return source

    @model_validator(mode="after")
    def _consistent(self) -> ParameterModel:
        is_number = self.type in {"integer", "number"}
        if (self.minimum is not None or self.maximum is not None) and not is_number:
            raise ValueError("'minimum' and 'maximum' need a number; write type: integer or number")
        if (self.pattern or self.one_of) and self.type != "string":
            raise ValueError("'pattern' and 'one_of' need a text; leave out the type")
        is_loose = self.type in {"string", "boolean"} and not (self.pattern or self.one_of)
        if self.source == "message" and is_loose:
            raise ValueError(
                "any word of a message would fit; add a pattern, such as '[A-Z]{2}\\d{6}'"
            )
        return self


class FieldModel(TextOrMapping):
    """What is kept of an answer. Everything else of it is dropped."""

    short_for = "path"

    path: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Where it stands in the answer: order.status, items.0.name, or items.*.name "
        "for a list; left out: under its own name.",
    )
    about: str = Field("", max_length=500, description="What it is, for colleagues and the model.")
    type: Literal["string", "integer", "number", "boolean", "date", "list"] = "string"
    required: bool = Field(
        default=True, description='Without it the answer is of no use; false: it is "" then.'
    )
    max_length: int = Field(default=500, ge=1, le=5000, description="Characters that are kept.")


def _from_names(value: object) -> object:
    """Read ``[id, status]``: fields that stand in the answer under their own names."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return {name: {} for name in value}
    return value


class _OrNames:
    """What tells editors that a list of names may stand there too."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        names = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [names, handler(core_schema)]}


class ToolModel(FileModel):
    """One look-up: whom to ask, how, and what of the answer counts."""

    name: Name = Field(description="What rules and the journal call it.")
    about: str = Field(
        min_length=1, max_length=500, description="What it is for, and when to use it."
    )
    method: Literal["GET", "POST"] = Field(
        default="GET",
        description="POST only where asking changes nothing: a question may be asked twice.",
    )
    url: str | None = Field(
        None,
        min_length=1,
        max_length=2000,
        description="The address, with parameters in its path and query: "
        "https://shop.example.com/orders/{order}?email={email}",
    )
    server: Name | None = Field(
        None, description="Instead of a url: the MCP server of 'servers' that has the tool."
    )
    tool: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="The tool's name at that server; left out: the same as here.",
    )
    allow_http: bool = Field(
        default=False, description="The address may begin with http://, so that all can read along."
    )
    private: bool = Field(
        default=False,
        description="Its host may stand in a private network, or on this machine.",
    )
    headers: dict[str, str] = Field(
        {},
        max_length=20,
        description="Headers; secrets come from the environment: 'Bearer ${SHOP_TOKEN}'.",
    )
    body: dict[str, str] | None = Field(
        None,
        max_length=50,
        description="The JSON of a POST, by key: a text, in which {parameters} may stand.",
    )
    parameters: dict[Name, ParameterModel] = Field({}, max_length=20)
    found: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="A path in the answer: where nothing stands there, or 0, false or an empty "
        "list, nothing was found. Nor was it with status 404.",
    )
    result: Annotated[dict[Name, FieldModel], BeforeValidator(_from_names), _OrNames()] = Field(
        min_length=1, max_length=30, description="What is kept of the answer, by name."
    )
    for_model: bool = Field(
        default=False,
        description="The language model may ask it too, by itself, while it answers.",
    )
    timeout: Duration = Field(
        default=timedelta(seconds=5), description="For all of it, a second attempt included."
    )
    max_bytes: int = Field(
        default=100_000, ge=1, le=MOST_BYTES, description="Size of an answer at most, unpacked."
    )

    @field_validator("timeout")
    @classmethod
    def _short(cls, timeout: timedelta) -> timedelta:
        if not timedelta(0) < timeout <= _LONGEST:
            raise ValueError("'timeout' is too long, or none; write 1s to 30s")
        return timeout

    @model_validator(mode="after")
    def _one_place(self) -> ToolModel:
        if (self.url is None) == (self.server is None):
            raise ValueError("whom to ask must be said once; write either 'url' or 'server'")
        given = self.model_fields_set & {"method", "headers", "body", "allow_http", "private"}
        if self.server is not None and given:
            raise ValueError(f"'{min(given)}' is the server's business; write it there, or nowhere")
        if self.tool is not None and self.server is None:
            raise ValueError("'tool' stands without 'server'; add it, or remove this")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> ToolModel:
        if self.body is not None and self.method != "POST":
            raise ValueError("'body' needs 'method: POST'; a GET has its parameters in the URL")
        return self


class ServerModel(FileModel):
    """A server of the Model Context Protocol: a program that is run, or an address."""

    name: Name = Field(description="What tools call it.")
    command: list[str] | None = Field(
        None, min_length=1, max_length=50, description="The program and what it is told: [npx, …]."
    )
    env: dict[str, str] = Field(
        {}, max_length=50, description="Its environment, with secrets of ours: '${SHOP_TOKEN}'."
    )
    url: str | None = Field(
        None, min_length=1, max_length=2000, description="The address: https://host/mcp"
    )
    headers: dict[str, str] = Field(
        {}, max_length=20, description="Headers, with secrets: 'Bearer ${SHOP_TOKEN}'."
    )
    allow_http: bool = Field(
        default=False, description="The address may begin with http://, so that all can read along."
    )
    private: bool = Field(
        default=False,
        description="Its host may stand in a private network, or on this machine.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> ServerModel:
        if (self.url is None) == (self.command is None):
            raise ValueError("how to reach it must be said once; write either 'command' or 'url'")
        if self.url is None and (self.headers or self.allow_http or self.private):
            raise ValueError("a program has no headers and no host; write 'env', or a 'url'")
        if self.command is None and self.env:
            raise ValueError("an address has no environment; write 'headers', or a 'command'")
        return self


class ToolsFile(FileModel):
    """``tools.yaml``: what may be looked up in other systems while a customer waits."""

    servers: list[ServerModel] = Field(
        [], max_length=20, description="MCP servers (they need the extra mcp of agentbot)."
    )
    tools: list[ToolModel] = Field([], max_length=50, description="The look-ups.")
