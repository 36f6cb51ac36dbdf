"""Values that pages make by the dozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # To the type checker it is the same: there nobody changes a frozen value.
    from dataclasses import dataclass as quick_dataclass
else:
    from collections.abc import Callable
    from dataclasses import dataclass

    def quick_dataclass(
        *, frozen: Literal[True], slots: Literal[True], kw_only: bool = False
    ) -> Callable[[type], type]:
        """As `dataclasses.dataclass`, frozen by the type checker alone; so is what is derived from it.

        To refuse a change while it runs, Python sets each field of a new value by a call; that took a twentieth of a
        whole attempt at a quiz. Equality and hash are the same. Not for what plugins derive from or could change to
        their harm, as their code need not have seen a type checker; of what they make, `Localised` alone is one.
        """
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=frozen)


__all__ = ["quick_dataclass"]
