"""Keep in memory what is dear to make, up to so many bytes: what nobody has asked for of late goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

ENTRY_BYTES = 300  # of a key and its place, about


class _Entry(Generic[Value]):
    __slots__ = ("size_bytes", "used", "value")

    def __init__(self, value: Value, size_bytes: int) -> None:
        self.value, self.size_bytes, self.used = value, size_bytes, False


class Keeping(Generic[Value]):
    """Values by their keys, as a dictionary that forgets. Threads may share one: at worst something is made twice.

    Whoever was asked for since its last turn gets another one before it is forgotten (the algorithm "second chance").
    To be asked for is only a mark: to move an entry to the end would hash its key again, which for what a page is made
    of takes longer than to find it.
    """

    def __init__(self, *, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size_bytes = 0
        self._kept: OrderedDict[Hashable, _Entry[Value]] = OrderedDict()
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        """What is kept under ``key``, which now counts as used."""
        found = self._kept.get(key)
        if found is None:
            return None
        found.used = True
        return found.value

    def keep(self, key: Hashable, value: Value, size_bytes: int) -> Value:
        """Keep ``value``, or say anew how many bytes it takes, and forget as many others as are too much."""
        new = _Entry(value, size_bytes + ENTRY_BYTES)
        with self._one_at_a_time:
            before = self._kept.get(key)
            self._kept[key] = new
            self.size_bytes += new.size_bytes
            if before is not None:
                new.used = before.used
                self.size_bytes -= before.size_bytes
            while self.size_bytes > self.most_bytes and len(self._kept) > 1:
                oldest, entry = self._kept.popitem(last=False)
                if entry.used or entry is new:
                    entry.used = False
                    self._kept[oldest] = entry
                else:
                    self.size_bytes -= entry.size_bytes
        return value
