"""The library of the models' provider, without what its other users have it for."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType

_OPENAI = "openai"
_PUT_OFF = ("openai.types", "openai.types.responses")
"""Packages whose own files import 380 modules of classes, one for each message of the API. Here
messages are read and written as they are."""
_LOCK = RLock()


def load_openai() -> None:
    """Import openai, unless it is there: with 10 MB in place of 20, and in half the time.

    Its types are there as soon as one is asked for. To be called before anything else imports it.
    """
    with _LOCK:
        if _OPENAI not in sys.modules:
            for name in _PUT_OFF:
                _put_off(name)
        import_module(_OPENAI)


def _put_off(name: str) -> None:
    """Let a package be imported, and not run before something of it is asked for."""
    parent, _, own = name.rpartition(".")
    above = sys.modules.get(parent)
    folder = find_spec(parent) if above is None else above.__spec__
    places = None if folder is None else folder.submodule_search_locations
    spec = None if places is None else PathFinder.find_spec(name, places)
    if spec is None:  # another version has no such package
        return
    made = module_from_spec(spec)
    made.__class__ = _Unread
    sys.modules[name] = made
    if above is not None:
        setattr(above, own, made)


class _Unread(ModuleType):
    """A package that is run when something of it is asked for. Its modules are there already."""

    _is_read = False

    def __getattr__(self, name: str) -> object:
        """Run it, and return what it has then. Raises ``AttributeError`` as any module does."""
        # What goes through all modules that there are asks for names of that kind.
        is_asked_for = not name.startswith("__") or name == "__all__"
        with _LOCK:
            if is_asked_for and not self._is_read:
                self._read()
            if name in self.__dict__:
                return self.__dict__[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _read(self) -> None:
        self._is_read = True  # first: its modules may ask it for what it has so far
        try:
            if self.__spec__ is not None and self.__spec__.loader is not None:
                self.__spec__.loader.exec_module(self)
        except BaseException:
            self._is_read = False  # whoever asks next is told the same
            raise
