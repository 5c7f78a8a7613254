"""Read a YAML file so that every problem in it can be named with its line.

Booleans are only ``true`` and ``false``; dates and ``9:00`` stay text (in YAML 1.1 ``9:00`` is
the number 540, and ``no`` is false): what a support lead writes is what is read.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.words import did_you_mean

MAX_FILE_CHARACTERS = 1_000_000
"""Characters of a file: thousands of rules, more than anybody looks after in one file."""
_MAX_NODES = 50_000
"""Parts of a file, aliases counted each time: a few lines of aliases can stand for billions."""
_MAX_DEPTH = 50
"""Levels of nesting: ten times what a rule has, and far from Python's own limit of recursion."""
_MOST_DIGITS = 19
"""Characters of a whole number: a 64-bit one has no more digits. A longer one stays text."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half a character: an escape can write one in a text, and nothing can send or store it."""

_YAML = "tag:yaml.org,2002:"
"""What the tags of YAML's own kinds begin with."""
_TOO_LONG = f"the file is longer than {MAX_FILE_CHARACTERS:,} characters"
_PLAIN = "put a plain file in its place"
_MOST_BYTES = 4
"""Bytes of a character in UTF-8 at most."""
_KINDS = frozenset({"null", "bool", "int", "float", "str", "seq", "map"})
"""The kinds of values that there are; a tag of a file's own (``!include``) names none of them."""

Path_ = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """A composer of nodes with YAML 1.2's plain types: null, true and false, numbers, text."""


_Loader.yaml_implicit_resolvers = {}


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's plain data, and the line of every part of it. ``name`` is how people know it.

    ``blocks`` holds the paths of block texts (``|``, ``>``), which begin on the line after.
    """

    name: str
    data: Any
    lines: Mapping[Path_, int] = field(default_factory=dict)
    blocks: frozenset[Path_] = frozenset()

    def place(self, *path: str | int) -> str:
        """Return ``file:line`` of the part at ``path``, or of the nearest part around it."""
        known: Path_ = ()
        for part in path:
            if (*known, part) in self.lines:
                known = (*known, part)
        return f"{self.name}:{self.lines.get(known, 1)}"

    def place_in_text(self, *path: str | int, line: int) -> str:
        """Return ``file:line`` of the ``line``-th line (from 1) of the text at ``path``."""
        first = int(self.place(*path).rpartition(":")[2])
        return f"{self.name}:{first + line - 1 + (path in self.blocks)}"


def read_text(
    path: Path, name: str, problems: Problems, *, if_long: str = "", may_be_piped: bool = False
) -> str | None:
    """Return the text of a file, or None with a problem noted; ``if_long``: a remedy.

    Nothing is read of what is no plain file, unless it ``may_be_piped``: a pipe to which nobody
    writes and a device without end would be read for ever.
    """
    text = None
    try:
        found = path.stat()
        if not may_be_piped and not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            problems.add(name, "this is a pipe or a device", _PLAIN)
        elif found.st_size > MAX_FILE_CHARACTERS * _MOST_BYTES:
            problems.add(name, _TOO_LONG, if_long)
        elif len(text := path.read_text(encoding="utf-8")) > MAX_FILE_CHARACTERS:
            problems.add(name, _TOO_LONG, if_long)
            text = None
    except FileNotFoundError:
        problems.add(name, "the file is missing", "name one that is there")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.add(f"{name}:{line}", "this is not UTF-8 text", "save the file as UTF-8")
    except OSError as error:
        is_folder = isinstance(error, IsADirectoryError)
        remedy = _PLAIN if is_folder else "let the user that runs agentbot read it"
        problems.add(name, f"the file cannot be read: {error.strerror}", remedy)
    return text


def parse_yaml(text: str, name: str, problems: Problems) -> YamlFile | None:
    """Read YAML, or return None with the problems noted."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        said = error.problem or error.context or "malformed"
        problems.add(place, f"this is not YAML: {said}", _yaml_remedy(text, said, mark))
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = (
            f"this is not YAML: here stands a control character ({ord(text[error.position]):#04x})"
        )
        problems.add(f"{name}:{line}", what, "take it out")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        problems.add(name, f"this is not YAML: {said}")
        return None
    if node is None:
        return YamlFile(name, {})
    builder = _Builder(name, problems)
    before = len(problems.found)
    data = builder.build(node, ())
    if len(problems.found) != before:
        return None
    return YamlFile(name, data, builder.lines, frozenset(builder.blocks))


def _yaml_remedy(text: str, said: str, mark: yaml.Mark | None) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in said:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in said:
        return "put text that holds ': ' in quotes, or check the indentation"
    if "block end" in said or "block mapping" in said:
        return "check the indentation of this line and the one before it"
    return "put text with special characters in quotes"


class _Builder:
    """A builder of plain data out of nodes, which notes each part's line."""

    def __init__(self, name: str, problems: Problems) -> None:
        self.lines: dict[Path_, int] = {}
        self.blocks: set[Path_] = set()
        self._name = name
        self._problems = problems
        self._left = _MAX_NODES
        self._refused = False

    def build(self, node: yaml.Node, path: Path_) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._left -= 1
        if self._left <= 0 or len(path) > _MAX_DEPTH:
            if not self._refused:
                self._problems.add(f"{self._name}:{line}", "the file is too large or nested")
            self._refused, self._left = True, 0
            return None
        if _kind_of(node) not in _KINDS:
            what = f"the tag {node.tag.removeprefix(_YAML):.40} is not known"
            self._problems.add(
                f"{self._name}:{line}", what, "put text that begins with ! in quotes"
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            self.blocks.add(path)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, object]:
        built: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                self._problems.add(f"{self._name}:{line}", "a key must be plain text")
                continue
            if key in built:
                first = self.lines[*path, key]
                self._problems.add(
                    f"{self._name}:{line}",
                    f"the key {key!r} stands here a second time",
                    f"the first is in line {first}; keep one",
                )
                continue
            self.lines[*path, key] = line
            built[key] = self.build(value_node, (*path, key))
        return built

    def _scalar(self, node: yaml.Node) -> str | int | float | bool | None:
        text = str(node.value)
        if half := _HALF.search(text):
            what = f"\\u{ord(half[0]):04x} is half a character"
            remedy = "write the character itself, or \\U and its eight digits"
            self._problems.add(f"{self._name}:{node.start_mark.line + 1}", what, remedy)
            return ""
        kind = _kind_of(node)
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        try:
            if kind == "int" and len(text) <= _MOST_DIGITS:
                return int(text)
            if kind == "float":
                return float(text)
        except ValueError:  # a tag says that it is one
            line = node.start_mark.line + 1
            self._problems.add(f"{self._name}:{line}", f"{text!r} is no number", "write a number")
        return text


def _kind_of(node: yaml.Node) -> str:
    """Return the kind that the tag names, such as ``str``; of another's tag, the tag."""
    tag = str(node.tag)
    return tag.removeprefix(_YAML) if tag.startswith(_YAML) else tag


def validate(model: type[ModelT], file: YamlFile, problems: Problems) -> ModelT | None:
    """Read a file's data as ``model``, or return None with every problem noted at its line."""
    try:
        return model.model_validate(file.data)
    except ValidationError as error:
        seen: set[tuple[str, str]] = set()
        for details in error.errors(include_url=False):
            place = file.place(*details["loc"])
            problem, remedy = _describe(model, details)
            if (place, problem) not in seen:
                seen.add((place, problem))
                problems.add(place, problem, remedy)
        return None


_IN_AN_ID = "write small letters (a to z), digits, - and _; a letter or digit first"
"""What may stand where a pattern is asked for: in ids alone."""


def _describe(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str]:
    kind, path = details["type"], details["loc"]
    last = str(path[-1]) if path else ""
    what = _name_of(path)
    value = details["input"]
    if kind == "extra_forbidden":
        return f"unknown key {last!r}", did_you_mean(last, _keys_at(model, path))
    if kind == "value_error":
        problem, _, remedy = str(details["ctx"]["error"]).partition("; ")
        return problem, remedy
    if kind == "literal_error":
        known = str(details["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"{what} cannot be {value!r}", did_you_mean(str(value), known)
    shown = "nothing" if value is None else f"{value!r}".lower()
    said = details["msg"][:1].lower() + details["msg"][1:]
    plain = {
        "missing": (f"the key {last!r} is missing", f"add '{last}: …'"),
        "string_type": (f"{what} must be text, not {shown}", "put it in quotes"),
        "bool_type": (f"{what} must be true or false, not {shown}", "write true or false"),
        "model_type": (f"{what} is {shown}", "write keys and values under it"),
        "string_pattern_mismatch": (f"{what} cannot be {shown}", _IN_AN_ID),
    }
    return plain.get(kind, (f"{what}: {said.replace('input should', 'it should')}", ""))


def _name_of(path: tuple[str | int, ...]) -> str:
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {_name_of(path[:-1])}"
    return repr(path[-1])


def _keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """Return the keys that are known where the last part of ``path`` stands."""
    models: set[type[BaseModel]] = {model}
    for part in path[:-1]:
        fields = [_field(one, part) for one in models]
        deeper = {inner for found in fields if found for inner in _models_in(found)}
        models = deeper or models
    return {info.alias or name for one in models for name, info in one.model_fields.items()}


def _field(model: type[BaseModel], key: str | int) -> object:
    for name, info in model.model_fields.items():
        if key in (info.alias, name):
            return info.annotation
    return None


def _models_in(annotation: object) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {inner for argument in get_args(annotation) for inner in _models_in(argument)}
