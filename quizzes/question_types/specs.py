"""Reading specs: with a list of problems for authors (`SpecCheck`), and strictly for all who use a checked spec.

An author's spec may be any JSON (or YAML): it comes from a file, an import or a form. Each check looks only at what it
knows, so deep nesting costs nothing, and every name it repeats is made printable first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from lms.errors import N_
from lms.text.localised import SOURCE_LANGUAGE, Localised, Text, pick
from quizzes.question_types.base import BadSpec, Problem

HINT = "hint"
MAX_TEXT = 5000  # letters in one language of one text
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)  # refused by JSON columns or XML


def printable(name: object) -> str:
    """Return a name that is safe in messages and paths, whatever it was."""
    if isinstance(name, str):
        return name if _PLAIN_NAME.match(name) else ascii(name[:40])
    return ascii(name)[:40] if isinstance(name, bool | int | float) or name is None else "?"


def under(path: str, step: object) -> str:
    """Return the path of a part: ``options`` and 1 give ``options.1``."""
    return f"{path}.{printable(step)}" if path else printable(step)


class SpecCheck:
    """Collects the problems of one spec; every method notes what is wrong and gives back what is usable.

    The author's hint, which a question of any kind may have, is looked at here.
    """

    def __init__(self, spec: object, *, required: Collection[str], optional: Collection[str] = ()) -> None:
        self.problems: list[Problem] = []
        self.source: str | None = None
        self.spec = self.fields(spec, "", required=required, optional=(*optional, HINT))
        prompt = self.spec.get("prompt")
        if isinstance(prompt, Mapping):
            tags = sorted(tag for tag in prompt if isinstance(tag, str))
            self.source = SOURCE_LANGUAGE if SOURCE_LANGUAGE in tags else next(iter(tags), None)
        self.text(self.spec.get(HINT), HINT)

    def add(self, path: str, message: str, **values: object) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, message, values))

    def fields(
        self, value: object, path: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, object]:
        """Return the known fields of a JSON object; notes missing and unknown ones."""
        if not isinstance(value, Mapping):
            self.add(path, N_("This is a set of named fields."))
            return {}
        for name in required:
            if value.get(name) is None:
                self.add(under(path, name), N_("This field is missing."))
        for name in value:
            if name not in required and name not in optional:
                self.add(under(path, name), N_("This field is not known here."))
        return {name: value[name] for name in (*required, *optional) if value.get(name) is not None}

    def items(self, value: object, path: str, *, fewest: int, most: int) -> Sequence[object]:
        """Return the items of a list, at most ``most``; ``None`` was noted as missing before."""
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.add(path, N_("This is a list."))
            return ()
        if not fewest <= len(value) <= most:
            self.add(
                path,
                N_("This list has %(found)s items. It needs at least %(fewest)s and at most %(most)s."),
                found=len(value),
                fewest=fewest,
                most=most,
            )
        return value[:most]

    def text(self, value: object, path: str) -> Text:
        """Return the usable languages of a text; each text needs the language of the prompt."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.add(path, N_("A text is written per language, for example en: Trade."))
            return {}
        usable: dict[str, str] = {}
        for tag, words in value.items():
            if not isinstance(tag, str) or not _TAG.match(tag):
                self.add(under(path, tag), N_("This is not a language tag."))
            elif self.words(words, under(path, tag)) is not None:
                usable[tag] = str(words)
        if self.source is not None and self.source not in value:
            self.add(under(path, self.source), N_("This text is missing in the language of the question."))
        elif not value:
            self.add(path, N_("This text is empty."))
        return usable

    def words(self, value: object, path: str) -> str | None:
        """Return a text in one language if it is usable."""
        if not isinstance(value, str):
            self.add(path, N_("This is text, in quotes if it looks like a number."))
        elif not value.strip():
            self.add(path, N_("This text is empty."))
        elif len(value) > MAX_TEXT:
            self.add(path, N_("This text is longer than %(most)s letters."), most=MAX_TEXT)
        elif _UNSTORABLE.search(value):
            self.add(path, N_("This text holds a character that cannot be stored."))
        else:
            return value
        return None

    def whole(self, value: object, path: str, *, least: int, most: int) -> int | None:
        """Return a whole number within its bounds; ``None`` was noted as missing before."""
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.add(path, N_("This is a whole number from %(least)s to %(most)s."), least=least, most=most)
        return None

    def id(self, value: object, path: str, seen: set[str]) -> str | None:
        """Return an id that none of ``seen`` is, and note it there; ``None`` was noted as missing before."""
        if value is None:
            return None
        if not isinstance(value, str) or not _ID.match(value):
            self.add(path, N_("An id has 1 to 40 letters without accents, digits, hyphens or underscores."))
        elif value in seen:
            self.add(path, N_("Another option has the same id."))
        else:
            seen.add(value)
            return value
        return None

    def distinct(self, text: Text, path: str, seen: set[tuple[str, str]]) -> None:
        """Note every language in which a text is the same as one of ``seen``."""
        for tag, words in text.items():
            same = (tag, " ".join(words.split()).casefold())
            if same in seen:
                self.add(under(path, tag), N_("Another option has the same text."))
            seen.add(same)

    def boolean(self, value: object, path: str) -> bool | None:
        """Return true or false; ``None`` was noted as missing before."""
        if value is None or isinstance(value, bool):
            return value
        self.add(path, N_("This is either true or false."))
        return None

    def one_of(self, value: object, path: str, allowed: Sequence[str]) -> str | None:
        """Return a word of a fixed list; ``None`` was noted as missing before."""
        if value is None:
            return None
        if isinstance(value, str) and value in allowed:
            return value
        self.add(path, N_("This is one of: %(allowed)s."), allowed=", ".join(allowed))
        return None


def field_text(spec: Mapping[str, object], name: str) -> Text:
    """Return a text of a checked spec; raises BadSpec if it is none."""
    value = spec.get(name)
    if isinstance(value, Mapping):
        text = {tag: words for tag, words in value.items() if isinstance(words, str)}
        if all(isinstance(tag, str) for tag in value):
            return text
    raise unusable(name)


def hint_in(spec: Mapping[str, object], languages: Sequence[str]) -> Localised | None:
    """Return the author's hint for a person who reads these languages, None if there is none."""
    return None if spec.get(HINT) is None else pick(field_text(spec, HINT), languages)


def field_whole(spec: Mapping[str, object], name: str) -> int:
    """Return a whole number of a checked spec; raises BadSpec if it is none."""
    value = spec.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise unusable(name)


def field_string(spec: Mapping[str, object], name: str, default: str | None = None) -> str:
    """Return a string of a checked spec; raises BadSpec if it is none."""
    value = spec.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, str):
        return value
    raise unusable(name)


def field_boolean(spec: Mapping[str, object], name: str, default: bool | None = None) -> bool:
    """Return true or false of a checked spec; raises BadSpec if it is neither."""
    value = spec.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool):
        return value
    raise unusable(name)


def field_list(spec: Mapping[str, object], name: str) -> Sequence[object]:
    """Return a list of a checked spec, ``()`` if it is absent; raises BadSpec if it is none."""
    value = spec.get(name, ())
    if isinstance(value, list | tuple):
        return value
    raise unusable(name)


def field_objects(spec: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """Return a list of JSON objects of a checked spec; raises BadSpec if it is none."""
    objects: list[Mapping[str, object]] = []
    for item in field_list(spec, name):
        if not isinstance(item, Mapping):
            raise unusable(name)
        objects.append(item)
    return objects


def unusable(name: str) -> BadSpec:
    """Return the error for a spec that was used although ``check`` finds problems in it."""
    return BadSpec(N_("This question still has problems at %(path)s."), path=name)
