"""YAML is composed quickly, and the same as by PyYAML's own parser."""

from __future__ import annotations

import pytest
import yaml

from agentbot.pipeline.files import composing
from agentbot.pipeline.files.composing import compose

TEXTS = [
    "",
    "# nothing\n",
    "- a: b\n  c: [d, 'e: f', \"\\u00e9\"]\n  g: |\n    two\n    lines\n- *x\n".replace("*x", "~"),
    "a: &x {b: 1, c: 2026-11-26, d: yes}\ne: *x\n",
    "👍: emoji\n",
]


def shape(node: yaml.Node | None) -> object:
    """Return what a node is, with tags and lines."""
    if node is None:
        return None
    inner = node.value
    if isinstance(node, yaml.MappingNode):
        inner = [(shape(key), shape(value)) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inner = [shape(one) for one in node.value]
    return (type(node), node.tag, node.start_mark.line, inner)


@pytest.mark.parametrize("text", TEXTS)
def test_the_nodes_are_those_of_the_usual_parser(text: str) -> None:
    """With their tags and lines."""
    assert shape(compose(text)) == shape(yaml.compose(text, Loader=yaml.SafeLoader))


def test_without_libyaml_it_is_composed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """More slowly."""
    monkeypatch.setattr(composing, "_LOADERS", [])
    assert [shape(compose(text)) for text in TEXTS] == [
        shape(yaml.compose(text, Loader=yaml.SafeLoader)) for text in TEXTS
    ]


@pytest.mark.parametrize("text", ["a: [b", "a: b: c", "\x00", "a\ud800b", "- &a b\n- *c\n"])
def test_what_is_wrong_is_said_by_the_usual_parser(text: str) -> None:
    """Its words are what remedies are found by."""
    with pytest.raises(yaml.YAMLError) as usual:
        yaml.compose(text, Loader=yaml.SafeLoader)
    with pytest.raises(yaml.YAMLError) as found:
        compose(text)
    assert str(found.value) == str(usual.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000, "{a: " * 50_000])
def test_what_is_nested_too_deeply_does_no_harm(text: str) -> None:
    """An error like any other, not the end of the process."""
    with pytest.raises(RecursionError):
        compose(text)
