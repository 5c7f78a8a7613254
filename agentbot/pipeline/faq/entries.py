"""What the operator wrote: FAQ entries and the folder they are read from.

``prompts/faq/*.md`` holds one entry a file::

    ---
    phrasings:
      - do you deliver to Norway
    tags: [shipping]
    ---
    # Do you ship abroad?

    Yes, to all of Europe …

``prompts/faq/*.yaml`` holds a list of entries with the keys ``id``, ``question``, ``phrasings``,
``answer``, ``answers``, ``links`` and ``tags``. ``answers`` holds translations of the answer by the
codes of their languages, for customers who write these; in markdown it stands in the front matter.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.composing import compose
from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.words import fold

KEYS = ("id", "question", "phrasings", "answer", "answers", "links", "tags")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.?-]*")


def is_id(text: str) -> bool:
    """Say whether a text may be an entry's id."""
    return _ID.fullmatch(text) is not None


class FaqWarning(UserWarning):
    """A warning of what is allowed, but probably a mistake: a phrasing twice in one entry."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question that the operator has answered.

    ``answer`` is markdown and goes out verbatim, or one of ``answers``, its translations by the
    codes of their languages; ``links`` are URLs; ``place`` is ``file:line`` where the entry starts,
    for messages to the operator.
    """

    id: str
    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False)

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its other phrasings: everything that a customer might say."""
        return (self.question, *self.phrasings)


_NOT_READ = frozenset({".txt", ".csv", ".tsv", ".json", ".jsonl", ".html", ".htm", ".markdown"})
"""Kinds of files that somebody may take for entries. Others, such as pictures, are none."""


def load_faq(folder: Path) -> tuple[FaqEntry, ...]:
    """Read every ``*.md``, ``*.yaml`` and ``*.yml`` of ``folder``, in the order of their names.

    A missing folder is an empty FAQ. Files whose names start with ``_`` or ``.``, and
    ``README.md``, are left out. A phrasing repeated within one entry is dropped with a
    `FaqWarning`.

    Raises `ConfigurationError` with ``file:line`` for what cannot be read, for a missing or
    unknown key, for an id used twice, and for one phrasing that two entries claim.
    """
    if not folder.is_dir():
        return ()
    entries: list[FaqEntry] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")) or path.name == "README.md":
            continue
        if not path.exists():
            raise ConfigurationError(str(path), "this link leads nowhere", "mend it, or delete it")
        if path.is_file() and path.suffix == ".md":
            entries.append(_read_markdown(path))
        elif path.is_file() and path.suffix in {".yaml", ".yml"}:
            entries.extend(_read_yaml(path))
        elif not path.is_file() or path.suffix.lower() in _NOT_READ:  # folders, pipes
            warnings.warn(
                FaqWarning(f"{path}: this is not read; entries stand in faq/*.md and faq/*.yaml"),
                stacklevel=2,
            )
    return checked(entries)


def normalized(text: str) -> str:
    """Return ``text`` as duplicates are compared: its folded words, one space between."""
    return fold(text).strip()


def checked(entries: Iterable[FaqEntry]) -> tuple[FaqEntry, ...]:
    """Refuse ids and phrasings that two entries claim; drop those repeated within one.

    Raises `ConfigurationError`.
    """
    ids: dict[str, FaqEntry] = {}
    owners: dict[str, FaqEntry] = {}
    kept: list[FaqEntry] = []
    for entry in entries:
        if (twin := ids.setdefault(entry.id, entry)) is not entry:
            raise ConfigurationError(
                entry.place,
                f"the id {entry.id!r} is already used at {twin.place}",
                "give each entry an id of its own",
            )
        phrasings: list[str] = []
        seen: set[str] = set()
        for wording in entry.wordings:
            key = normalized(wording)
            owner = owners.setdefault(key, entry)
            if owner is not entry:
                raise ConfigurationError(
                    entry.place,
                    f"{wording!r} is also a phrasing of {owner.id!r} at {owner.place}",
                    "keep it in the entry whose answer fits it",
                )
            if key in seen:
                warnings.warn(
                    FaqWarning(f"{entry.place}: {wording!r} stands twice in {entry.id!r}"),
                    stacklevel=2,
                )
            elif wording is not entry.question:
                phrasings.append(wording)
            seen.add(key)
        kept.append(replace(entry, phrasings=tuple(phrasings)))
    return tuple(kept)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{path}:{line}", "is not UTF-8 text", "save the file in the encoding UTF-8"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            str(path),
            f"cannot be read: {error.strerror}",
            "let the user that runs agentbot read it",
        ) from error


def _read_markdown(path: Path) -> FaqEntry:
    lines = _text(path).splitlines()
    fields = _Fields({}, f"{path}:1")
    start = 0
    if lines and lines[0].strip() == "---":
        end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
        if end is None:
            raise ConfigurationError(
                f"{path}:1", "the front matter is not closed", "end it with a line of ---"
            )
        fields = _mapping(path, "\n".join(lines[1:end]), first_line=2)
        start = end + 1
    fields.refuse_unknown({"id", "phrasings", "answers", "links", "tags"})
    while start < len(lines) and not lines[start].strip():
        start += 1
    if start >= len(lines) or not lines[start].startswith("# "):
        raise ConfigurationError(
            f"{path}:{min(start + 1, max(len(lines), 1))}",
            "the question is missing",
            "write it as a heading, such as: # Do you ship abroad?",
        )
    answer = "\n".join(lines[start + 1 :]).strip()
    if not answer:
        raise ConfigurationError(
            f"{path}:{start + 1}", "the answer is missing", "write it below the question"
        )
    return FaqEntry(
        id=fields.id(default=path.stem),
        question=lines[start][2:].strip(),
        answer=answer,
        phrasings=fields.strings("phrasings"),
        links=fields.strings("links"),
        tags=fields.strings("tags"),
        answers=fields.translations("answers"),
        place=f"{path}:{start + 1}",
    )


def _read_yaml(path: Path) -> Iterator[FaqEntry]:
    root = _compose(path, _text(path), first_line=1)
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise ConfigurationError(
            f"{path}:{_line(root, 1)}",
            "is not a list of entries",
            "start each entry with '- id: …'",
        )
    for node in root.value:
        fields = _Fields(_pairs(path, node, first_line=1), f"{path}:{_line(node, 1)}")
        fields.refuse_unknown(set(KEYS))
        yield FaqEntry(
            id=fields.id(default=None),
            question=fields.string("question"),
            answer=fields.string("answer"),
            phrasings=fields.strings("phrasings"),
            links=fields.strings("links"),
            tags=fields.strings("tags"),
            answers=fields.translations("answers"),
            place=fields.place,
        )


def _line(node: yaml.Node, first_line: int) -> int:
    return int(node.start_mark.line) + first_line


def _compose(path: Path, text: str, *, first_line: int) -> yaml.Node | None:
    try:
        return compose(text)
    except RecursionError:
        raise ConfigurationError(f"{path}:{first_line}", "is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ConfigurationError(
            f"{path}:{line}",
            f"is not valid YAML: {error.problem or error.context}",
            "check the indentation, and quote text that holds ': ' or starts with punctuation",
        ) from None
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise ConfigurationError(f"{path}:{first_line}", f"is not valid YAML: {problem}") from None


def _mapping(path: Path, text: str, *, first_line: int) -> _Fields:
    node = _compose(path, text, first_line=first_line)
    pairs = {} if node is None else _pairs(path, node, first_line=first_line)
    return _Fields(pairs, f"{path}:{first_line}")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of the file and its place."""

    node: yaml.Node
    place: str


def _pairs(path: Path, node: yaml.Node, *, first_line: int) -> dict[str, _Value]:
    if not isinstance(node, yaml.MappingNode):
        raise ConfigurationError(
            f"{path}:{_line(node, first_line)}",
            "is not an entry",
            "write keys and values, such as 'question: Do you ship abroad?'",
        )
    pairs: dict[str, _Value] = {}
    for key, value in node.value:
        place = f"{path}:{_line(key, first_line)}"
        if str(key.value) in pairs:
            raise ConfigurationError(place, f"the key {key.value!r} stands twice", "keep one")
        pairs[str(key.value)] = _Value(value, place)
    return pairs


@dataclass(frozen=True, slots=True)
class _Fields:
    """The keys of one entry, read with complaints that name their lines."""

    pairs: dict[str, _Value]
    place: str

    def refuse_unknown(self, known: set[str]) -> None:
        for key, value in self.pairs.items():
            if key not in known:
                names = ", ".join(name for name in KEYS if name in known)
                raise ConfigurationError(
                    value.place, f"the key {key!r} is unknown", f"known keys are {names}"
                )

    def string(self, key: str) -> str:
        value = self.pairs.get(key)
        if value is None:
            raise ConfigurationError(
                self.place, f"the entry has no {key}", f"add a line '{key}: …'"
            )
        return _scalar(value, key)

    def id(self, *, default: str | None) -> str:
        text = default if default is not None and "id" not in self.pairs else self.string("id")
        if not is_id(text):
            place = self.pairs["id"].place if "id" in self.pairs else self.place
            raise ConfigurationError(
                place,
                f"{text!r} cannot be an id",
                "use letters, digits, '-' and '_' only, such as shipping-abroad",
            )
        return text

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.pairs.get(key)
        if value is None:
            return ()
        if not isinstance(value.node, yaml.SequenceNode):
            raise ConfigurationError(
                value.place, f"{key} is not a list", f"write '{key}:' and one '- …' a line below"
            )
        return tuple(
            _scalar(_Value(item, _place_in(value, item)), key) for item in value.node.value
        )

    def translations(self, key: str) -> dict[str, str]:
        value = self.pairs.get(key)
        if value is None:
            return {}
        if not isinstance(value.node, yaml.MappingNode):
            raise ConfigurationError(
                value.place,
                f"{key} does not say which languages its texts are in",
                f"write '{key}:', and a line such as '  de: …' below it",
            )
        found: dict[str, str] = {}
        for code, text in value.node.value:
            place = _place_in(value, code)
            if found.setdefault(_of_language(str(code.value), place), "") != "":
                raise ConfigurationError(
                    place, f"the language {code.value!r} stands twice", "keep one"
                )
            found[code.value] = _scalar(_Value(text, place), f"the answer in {code.value!r}")
        return found


def _of_language(code: str, place: str) -> str:
    """Return a language's code. Raises `ConfigurationError` where it is none that is known."""
    if code not in foreign_words():
        raise ConfigurationError(
            place,
            f"{code!r} is not the code of a language that customers are known to write",
            f"write one of {', '.join(foreign_words())}",
        )
    return code


def _place_in(value: _Value, node: yaml.Node) -> str:
    """Return the place of a node within the value of a key."""
    file, _, line = value.place.rpartition(":")
    below = int(node.start_mark.line) - int(value.node.start_mark.line)
    return f"{file}:{int(line) + below + _below(value)}"


def _below(value: _Value) -> int:
    """Return the lines between a key and what it holds: 0 for ``[a, b]``, 1 for ``- …`` lines."""
    return 0 if isinstance(value.node, yaml.CollectionNode) and value.node.flow_style else 1


def _scalar(value: _Value, key: str) -> str:
    if not isinstance(value.node, yaml.ScalarNode) or not value.node.value.strip():
        raise ConfigurationError(
            value.place, f"{key} holds something that is no text", "write it in quotes"
        )
    return str(value.node.value).strip()
