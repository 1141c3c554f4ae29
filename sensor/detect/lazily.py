"""
What is made when it is first used: regular expressions, modules, parts of what was kept.

A process that scans one text needs a few of the hundreds of expressions, of the modules and of the detectors
there are; all of them together take a third of a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import Any, AnyStr, TypeVar, cast, overload

__all__ = ["Made", "Shelf", "lazily"]

T = TypeVar("T")

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "pattern")


class _Lazy:
    """Stands for a pattern until something of it is asked for; then its methods are the pattern's own."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self.__dict__["_made_of"] = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        pattern, flags = self.__dict__["_made_of"]
        compiled = re.compile(pattern, flags)
        for method in _METHODS:
            self.__dict__[method] = getattr(compiled, method)
        return getattr(compiled, name)


def lazily(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What ``re.compile`` gives, when it is needed."""
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, int(flags)))


class Shelf(MutableMapping[str, T]):
    """
    What several modules offer by name, each imported when something of it is asked for.

    ``modules`` says which names stand where. A name that it does not say is looked for in all of them, in
    order: a list that lacks one costs time and nothing else.
    """

    def __init__(self, attribute: str, modules: Mapping[str, str]) -> None:
        """``attribute``: the module's dictionary of what it offers. ``modules``: its path to its names."""
        self._attribute = attribute
        self._modules = tuple(modules)
        self._where = {name: module for module, names in modules.items() for name in names.split()}
        self._here: dict[str, T] = {}
        self._read: set[str] = set()

    def __getitem__(self, name: str) -> T:
        here = self._here
        if name not in here:
            for module in (self._where[name],) if name in self._where else self._modules:
                self._take(module)
                if name in here:
                    break
        return here[name]

    def __setitem__(self, name: str, value: T) -> None:
        self._here[name] = value

    def __delitem__(self, name: str) -> None:
        self._take_all()
        del self._here[name]

    def __iter__(self) -> Iterator[str]:
        self._take_all()
        return iter(self._here)

    def __len__(self) -> int:
        self._take_all()
        return len(self._here)

    def _take_all(self) -> None:
        for module in self._modules:
            self._take(module)

    def _take(self, module: str) -> None:
        if module not in self._read:
            offered: Mapping[str, T] = getattr(import_module(module), self._attribute)
            for name, value in offered.items():
                self._here.setdefault(name, value)
            self._read.add(module)


class Made(Sequence[T]):
    """A sequence of known length whose items are made one by one, each when it is first asked for."""

    __slots__ = ("_items", "_make")

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._items: list[T | None] = [None] * length
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self._items))))
        item = self._items[index]
        if item is None:
            item = self._items[index] = self._make(range(len(self._items))[index])
        return item

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Made | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))
