"""Every exception of agentbot behaves as Python's own do: hash, ``args``, copies, pickles, text."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any

import pytest

import agentbot
from agentbot.errors import ApiError, PushRefused, TransportError
from agentbot.pipeline.decision import Reason
from agentbot.pipeline.provider import Refusal

SAMPLES: dict[Any, Any] = {
    str: "text",
    int: 404,
    float: 2.5,
    bool: True,
    object: "object",
    Any: {"reason": "any"},
    dict: {"body": ["no"]},
    Mapping: {"x": "y"},
    tuple: (TransportError("http://papercups", "refused"),),
    Reason: Reason("closed", "the conversation was closed"),
    Refusal: Refusal(400, "code", "param", "message", "text"),
}
"""A value for every type that stands in an exception's signature."""


@cache
def kinds() -> tuple[type[Exception], ...]:
    """Return every exception class that a module of agentbot defines."""
    for module in pkgutil.walk_packages(agentbot.__path__, "agentbot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind: type[Exception]) -> Iterator[type[Exception]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from below(sub)

    found = {kind: None for kind in below(Exception) if kind.__module__.startswith("agentbot.")}
    return tuple(found)


def sample(annotation: object) -> object:
    """Return a value of the annotated type; of a union, one of its first that is not None."""
    options = [option for option in typing.get_args(annotation) if option is not NoneType]
    if annotation in SAMPLES:
        return SAMPLES[annotation]
    origin = typing.get_origin(annotation)
    return SAMPLES[origin] if origin in SAMPLES else sample(options[0])


def data_of(kind: type[Exception]) -> list[str]:
    """Return the names of the data, none where the class is no dataclass."""
    return list(getattr(kind, "__dataclass_fields__", ()))


def make(kind: type[Exception]) -> Exception:
    """Return an error of this kind: a dataclass with all of its data given by name."""
    if names := data_of(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: sample(hints[name]) for name in names})
    if not inspect.isfunction(kind.__init__):
        return kind("text")
    hints = typing.get_type_hints(kind.__init__)
    return kind(*(sample(hints[name]) for name in inspect.signature(kind).parameters))


every_kind = pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__qualname__)


def test_the_whole_tree_is_walked() -> None:
    """Of every floor that defines exceptions, one that stands deep in it."""
    names = {kind.__name__ for kind in kinds()}
    assert {"Unprocessable", "PromptsError", "_Failed", "Locked", "Invalid", "NoAnswer"} <= names


@every_kind
def test_an_error_can_be_hashed_and_equals_itself_alone(kind: type[Exception]) -> None:
    """Two that say the same are two events."""
    error, other = make(kind), make(kind)
    assert error == error  # noqa: PLR0124 - equality is what is tested
    assert error != other
    assert len({error, other, error}) == 2


@every_kind
def test_args_hold_all_that_an_error_says(kind: type[Exception]) -> None:
    """In the order of the fields, though they were passed by name."""
    error = make(kind)
    if names := data_of(kind):
        assert error.args == tuple(getattr(error, name) for name in names)
    assert error.args


COPIES: tuple[Callable[[Any], Any], ...] = (
    copy.copy,
    copy.deepcopy,
    lambda error: pickle.loads(pickle.dumps(error)),  # noqa: S301 - our own bytes
)


@every_kind
@pytest.mark.parametrize("duplicate", COPIES, ids=("copy", "deepcopy", "pickle"))
def test_a_copy_says_the_same(
    kind: type[Exception], duplicate: Callable[[Exception], Exception]
) -> None:
    """Kind, text, representation and notes; what is inside an exception group too."""
    error = make(kind)
    error.add_note("a note")
    twin = duplicate(error)
    assert type(twin) is kind
    assert twin is not error
    assert (str(twin), repr(twin)) == (str(error), repr(error))
    assert twin.__notes__ == ["a note"]


def test_an_error_passed_by_position_says_the_same() -> None:
    """How data were passed leaves no trace."""
    by_name = PushRefused(topic="t", event="e", response={"reason": "no"})
    by_position = PushRefused("t", "e", {"reason": "no"})
    assert by_name.args == by_position.args == ("t", "e", {"reason": "no"})
    assert str(by_name) == str(by_position) == "e on t was refused: {'reason': 'no'}"


def test_data_left_out_are_in_args_with_their_defaults() -> None:
    """So that a copy has them too."""
    assert ApiError("GET", "/api/me", 403).args == ("GET", "/api/me", 403, "")


def test_what_the_server_said_does_not_end_the_sentence() -> None:
    """A remedy follows it."""
    said = str(ApiError("GET", "/api/me", 401, "Your account is disabled. Ask your admin."))
    assert said == "GET /api/me answered 401: Your account is disabled. Ask your admin"
