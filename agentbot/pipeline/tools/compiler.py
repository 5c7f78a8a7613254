"""From tools.yaml to tools that can be called, with every problem at its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.tools.address import Address, AddressProblem, Text
from agentbot.pipeline.tools.file import FieldModel, ServerModel, ToolModel, ToolsFile
from agentbot.pipeline.tools.parameter import Parameter
from agentbot.pipeline.tools.result import Field, Path
from agentbot.pipeline.tools.tool import Header, Server, Tool
from agentbot.pipeline.words import did_you_mean

T = TypeVar("T")

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_OURS = ("AGENTBOT_", "PAPERCUPS_", "OPENAI_")
"""How the names of agentbot's own settings begin: none of their secrets is for another system."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110)."""
_OUR_HEADERS = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "upgrade",
        "te",
        "trailer",
        "proxy-authorization",
    }
)
"""Headers that say how a request is sent: the client writes them itself."""


def compile_tools(model: ToolsFile, file: YamlFile, problems: Problems) -> tuple[Tool, ...]:
    """Compile them all; what is wrong is noted in ``problems`` and left out."""
    _check_unique("servers", [one.name for one in model.servers], file, problems)
    _check_unique("tools", [one.name for one in model.tools], file, problems)
    servers = {
        one.name: _ServerCompiler(file, ("servers", index), problems).compile(one)
        for index, one in enumerate(model.servers)
    }
    made = (
        _ToolCompiler(file, ("tools", index), problems).compile(one, servers)
        for index, one in enumerate(model.tools)
    )
    return tuple(tool for tool in made if tool is not None)


def _check_unique(
    key: str,
    names: Sequence[str],
    file: YamlFile,
    problems: Problems,
) -> None:
    seen: dict[str, str] = {}
    for index, name in enumerate(names):
        if name in seen:
            problems.add(
                file.place(key, index, "name"),
                f"the name {name!r} is used twice",
                f"the first is in {seen[name]}; every one needs its own",
            )
        seen.setdefault(name, file.place(key, index))


class _Compiler:
    """What compiles the part of the file that stands at ``path``."""

    def __init__(self, file: YamlFile, path: Path_, problems: Problems) -> None:
        self._file = file
        self._path = path
        self._problems = problems

    def _note(self, key: str | tuple[str, ...], problem: str, remedy: str = "") -> None:
        keys = (key,) if isinstance(key, str) else key
        self._problems.add(self._file.place(*self._path, *keys), problem, remedy)

    def _made(self, key: str | tuple[str, ...], make: Callable[[], T]) -> T | None:
        try:
            return make()
        except AddressProblem as error:
            self._note(key, error.problem, error.remedy)
            return None

    def _address(self, url: str | None, *, allow_http: bool) -> Address | None:
        if url is None:
            return None
        return self._made("url", lambda: Address.parse(url, allow_http=allow_http))

    def _headers(self, given: Mapping[str, str]) -> Iterator[Header]:
        for name, value in given.items():
            key = ("headers", name)
            if not _HEADER_NAME.fullmatch(name):
                self._note(key, f"{name!r} is no header's name", "write it as in Authorization")
            elif name.lower() in _OUR_HEADERS:
                self._note(key, f"the header {name!r} is agentbot's own", "leave it out")
            else:
                yield from self._with_secrets(key, name, value)

    def _with_secrets(self, key: tuple[str, ...], name: str, value: str) -> Iterator[Header]:
        parts = _VARIABLE.split(value)
        if not all(part.isascii() and part.isprintable() for part in parts[::2]):
            self._note(key, f"{key[0]} hold plain ASCII alone", "leave other signs out")
        elif "${" in "".join(parts[::2]):
            self._note(key, "${ is not closed", "write ${NAME}")
        else:
            for variable in parts[1::2]:
                self._check_variable(key, variable)
            yield Header(name, tuple(parts), self._file.place(*self._path, *key))

    def _check_variable(self, key: tuple[str, ...], variable: str) -> None:
        if not _VARIABLE_NAME.fullmatch(variable):
            self._note(
                key, f"{variable!r} is no variable's name", "write it in capitals: ${SHOP_TOKEN}"
            )
        elif variable.startswith(_OURS):
            self._note(
                key,
                f"{variable} is a setting of agentbot, and no other system's business",
                "give the other system a secret of its own, under another name",
            )


class _ServerCompiler(_Compiler):
    """The compiler of an MCP server."""

    def compile(self, model: ServerModel) -> Server | None:
        before = len(self._problems.found)
        address = self._address(model.url, allow_http=model.allow_http)
        if address is not None and address.names:
            self._note("url", "the address of a server has no parameters", "leave them out")
        secrets = [*self._headers(model.headers), *self._environment(model.env)]
        if len(self._problems.found) != before:
            return None
        return Server(
            name=model.name,
            command=tuple(model.command or ()),
            address=address,
            secrets=tuple(secrets),
            private=model.private,
        )

    def _environment(self, given: Mapping[str, str]) -> Iterator[Header]:
        for name, value in given.items():
            key = ("env", name)
            if not name.isidentifier():
                self._note(key, f"{name!r} is no variable's name", "write it as in SHOP_TOKEN")
            else:
                yield from self._with_secrets(key, name, value)


class _ToolCompiler(_Compiler):
    """The compiler of one tool."""

    def compile(self, model: ToolModel, servers: Mapping[str, Server | None]) -> Tool | None:
        before = len(self._problems.found)
        address = self._address(model.url, allow_http=model.allow_http)
        if model.server is not None and model.server not in servers:
            remedy = did_you_mean(model.server, servers) or "declare it under 'servers'"
            self._note("server", f"there is no server {model.server!r}", remedy)
        parameters = dict(self._parameters(model))
        body = self._body(model)
        headers = tuple(self._headers(model.headers))
        fields = tuple(self._fields(model))
        found = None if model.found is None else self._read_path(model.found, "found")
        if address is not None and len(self._problems.found) == before:
            self._check_names(model, address, body or {})
        server = servers.get(model.server or "")
        if (address is None and server is None) or len(self._problems.found) != before:
            return None
        return Tool(
            name=model.name,
            about=model.about,
            place=self._file.place(*self._path),
            method=model.method if server is None else "POST",  # nobody knows what it does
            address=address,
            private=model.private,
            headers=headers,
            body=body,
            parameters=parameters,
            fields=fields,
            found=found,
            seconds=model.timeout.total_seconds(),
            max_bytes=model.max_bytes,
            for_model=model.for_model,
            server=server,
            remote_name=model.tool or model.name,
        )

    def _parameters(self, model: ToolModel) -> Iterator[tuple[str, Parameter]]:
        for name, one in model.parameters.items():
            if name == "tool":
                self._note(("parameters", name), "'tool' names the tool itself", "rename it")
            try:
                yield name, Parameter.of(name, one)
            except ValueError as error:
                self._note(
                    ("parameters", name, "pattern"),
                    f"the regular expression {one.pattern!r} is refused: {error}",
                    r"write one such as '[A-Z]{2}\d{6}', without look-around",
                )

    def _body(self, model: ToolModel) -> dict[str, Text] | None:
        if model.body is None:
            return None
        read = {
            key: self._made(("body", key), lambda text=text: Text.parse(text))  # type: ignore[misc]
            for key, text in model.body.items()
        }
        return {key: text for key, text in read.items() if text is not None}

    def _fields(self, model: ToolModel) -> Iterator[Field]:
        for name, one in model.result.items():
            path = self._read_path(one.path or name, ("result", name))
            if path is None:
                continue
            if path.is_many and one.type != "list":
                self._note(("result", name), "* leads to a list", "write type: list, or a number")
            yield _field(name, path, one)

    def _read_path(self, text: str, key: str | tuple[str, ...]) -> Path | None:
        try:
            return Path.parse(text)
        except ValueError as error:
            self._note(key, str(error), "write keys with dots between them: order.status")
            return None

    def _check_names(self, model: ToolModel, address: Address, body: Mapping[str, Text]) -> None:
        known = set(model.parameters)
        in_body = {name for text in body.values() for name in text.names}
        for key, names in (("url", address.names), ("body", in_body)):
            for name in sorted(names - known):
                self._note(key, f"unknown parameter {{{name}}}", did_you_mean(name, known))
        unknown = (address.names | in_body) - known
        for name in sorted(known - address.names - in_body) if not unknown else ():
            self._note(
                ("parameters", name),
                f"the parameter {name!r} is used nowhere",
                f"write {{{name}}} in the URL, or remove it",
            )
        for name in sorted(address.in_path & known):
            if not model.parameters[name].required:
                self._note(
                    ("parameters", name),
                    f"without {name!r} the URL's path has a gap",
                    "leave 'required' out, or move it into the query",
                )


def _field(name: str, path: Path, model: FieldModel) -> Field:
    return Field(
        name=name,
        path=path,
        about=model.about,
        kind=model.type,
        required=model.required,
        max_length=model.max_length,
    )
