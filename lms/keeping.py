"""Keep in memory what is dear to make, up to so many bytes: what was asked for longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from typing import Generic, TypeVar

Value = TypeVar("Value")

ENTRY_BYTES = 300  # of a key and its place, about


class Keeping(Generic[Value]):
    """Values by their keys, as a dictionary that forgets. Threads may share one: at worst something is made twice."""

    def __init__(self, *, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size_bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        """What is kept under ``key``, which now counts as used."""
        found = self._kept.get(key)
        if found is None:
            return None
        with suppress(KeyError):  # another thread may have thrown it out by now
            self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, value: Value, size_bytes: int) -> Value:
        """Keep ``value``, or say anew how many bytes it takes, and forget as many others as are too much."""
        _, before = self._kept.get(key, (None, 0))
        size_bytes += ENTRY_BYTES
        self._kept[key] = (value, size_bytes)
        self.size_bytes += size_bytes - before
        while self.size_bytes > self.most_bytes and len(self._kept) > 1:
            _, (_, freed) = self._kept.popitem(last=False)
            self.size_bytes -= freed
        return value
