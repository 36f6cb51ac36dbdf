"""What a plugin says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """``name`` is short and lower-case (it fences tables: ``ext_<name>_…``); ``title`` is for people."""

    name: str
    title: str
    version: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"a plugin's name is lower-case letters, digits and underscores, not {self.name!r}")
