"""The files of one package: text only, not too large, never from outside its folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from courses.packages.fields import Notes
from courses.packages.marked_yaml import Node, YamlError, parse
from lms.errors import N_

LARGEST_BYTES = 2_000_000
LARGEST_LESSON_BYTES = 200_000  # of Markdown, which takes longer to read than its length says
MOST_FILES = 5_000

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\ufffe\uffff]")


class Folder:
    """Reads files by their path relative to the package, and remembers what was read: the text of each, by its path."""

    def __init__(self, root: Path, notes: Notes) -> None:
        self.root = root.resolve()
        self.notes = notes
        self.read: dict[str, str | None] = {}

    def has(self, file: str) -> bool:
        """Whether something of that name is there; it may still be unreadable."""
        return os.path.lexists(self.root / file)

    def text(self, file: str) -> str | None:
        """The text of a file with ``\\n`` at its line ends; None after noting a fault."""
        self.read[file] = None
        text = self.read[file] = self._text(file)
        return text

    def _text(self, file: str) -> str | None:
        path = self.root / file
        if not Path(os.path.realpath(path)).is_relative_to(self.root):  # resolve() raises where links go in a circle
            self.notes.add(file, 1, N_("This file is a link that leads out of the package."))
            return None
        # is_file() follows links, so a pipe or a device behind one is refused too: reading those could last for ever.
        if not path.is_file():
            self.notes.add(file, 1, N_("This is not a file."))
            return None
        largest = LARGEST_LESSON_BYTES if file.endswith(".md") else LARGEST_BYTES
        try:
            with path.open("rb") as stream:
                content = stream.read(largest + 1)
        except OSError as error:
            self.notes.add(file, 1, N_("This file cannot be read: %(problem)s."), problem=error.strerror)
            return None
        if len(content) > largest:
            self.notes.add(file, 1, N_("This file is larger than %(kilobytes)s KB."), kilobytes=largest // 1_000)
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.notes.add(file, line, N_("This file is not written in UTF-8."))
            return None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if found := _UNPRINTABLE.search(text):
            line = text.count("\n", 0, found.start()) + 1
            sign = f"U+{ord(found.group()):04X}"
            self.notes.add(file, line, N_("This line has a hidden sign, %(sign)s."), sign=sign)
            return None
        return text

    def yaml(self, file: str) -> Node | None:
        """The content of a YAML file; None after noting a fault."""
        text = self.text(file)
        return None if text is None else self.parse(file, text)

    def parse(self, file: str, text: str, *, first_line: int = 1) -> Node | None:
        """YAML that begins on ``first_line`` of a file; None after noting a fault."""
        try:
            return parse(text, first_line=first_line)
        except YamlError as bad:
            self.notes.add(file, bad.line, bad.message, **bad.values)
            return None

    def names(self) -> list[str]:
        """All files, sorted, without hidden ones; a fault if there are too many to be a course."""
        names: list[str] = []
        for place, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            here = Path(place).relative_to(self.root)
            names += [(here / name).as_posix() for name in files if not name.startswith(".")]
            if len(names) > MOST_FILES:
                self.notes.add(".", 1, N_("A course has at most %(most)s files."), most=MOST_FILES)
                break
        return sorted(names)


class KeptFiles(Folder):
    """The files of a package that was read before, by their path: no folder is needed."""

    def __init__(self, files: Mapping[str, str], notes: Notes) -> None:
        super().__init__(Path(), notes)
        self.files = files

    def has(self, file: str) -> bool:
        """Whether there is a file of that name."""
        return file in self.files

    def _text(self, file: str) -> str | None:
        if file not in self.files:
            self.notes.add(file, 1, N_("This is not a file."))
        return self.files.get(file)

    def names(self) -> list[str]:
        """All files, sorted."""
        return sorted(self.files)
