"""Typst, kept once a process: templates and fonts from this folder only, input as values and never as source."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from typst import Compiler

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
TEMPLATES = HERE / "templates"

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What a template can be given: anything that JSON can say."""

_TEMPLATE_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Typst keeps one document at a time in a compiler; two threads must not change its input under each other.
_one_at_a_time = threading.Lock()


class TypesettingError(RuntimeError):
    """Typst refused a document; the message is for the log, it may quote the template."""


def compile_pdf(template: str, inputs: Mapping[str, Json], *, timestamp: datetime) -> bytes:
    """Set ``templates/<template>.typ`` as a tagged PDF (PDF/UA-1).

    The template reads ``inputs`` as one JSON text from ``sys.inputs``, so nothing in them is ever read as Typst. The
    same template, inputs, fonts, Typst and ``timestamp`` (aware) give the same bytes. Raises TypesettingError, also
    where a glyph is missing: ask missing_glyphs first.
    """
    must_be_template(template, timestamp)
    from typst import TypstError

    try:
        text = json.dumps(inputs, ensure_ascii=False, allow_nan=False)
        with _one_at_a_time:
            pdf = _compiler().compile(
                input=TEMPLATES / f"{template}.typ",
                format="pdf",
                pdf_standards=["ua-1"],
                sys_inputs={"inputs": text},
                timestamp=int(timestamp.timestamp()),
            )
    except TypstError as refusal:
        raise TypesettingError(f"{template}: {refusal.message}") from refusal
    except UnicodeEncodeError as fault:  # a lone surrogate
        raise TypesettingError(f"{template}: the input is not Unicode text") from fault
    if not isinstance(pdf, bytes):
        raise TypesettingError(f"{template}: Typst gave no document")
    return pdf


def must_be_template(name: str, timestamp: datetime) -> None:
    """Raise ValueError where code asks for what cannot be set."""
    if not _TEMPLATE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a template")
    if timestamp.tzinfo is None:
        raise ValueError("the timestamp needs a time zone")


def missing_glyphs(text: str) -> tuple[str, ...]:
    """The characters of ``text`` that cannot be printed with the fonts here, each once, in their order.

    Typst itself is asked, so that a letter and its marks are tried together as they will be shaped. Controls and lone
    surrogates count as missing. Where only a combination fails, the letter with its marks is one item.
    """
    controls = [character for character in text if unicodedata.category(character) in ("Cc", "Cs")]
    shown = "".join(character for character in text if character not in controls)
    missing: list[str] = []
    if not _prints(shown):
        missing = [character for character in dict.fromkeys(shown) if not _prints(character)]
        missing = missing or [cluster for cluster in dict.fromkeys(_clusters(shown)) if not _prints(cluster)] or [shown]
    return tuple(sorted(dict.fromkeys([*controls, *missing]), key=lambda item: text.index(item[0])))


def _prints(text: str) -> bool:
    try:
        compile_pdf("glyphs", {"text": text}, timestamp=_EPOCH)
    except TypesettingError:
        return False
    return True


def _clusters(text: str) -> Iterable[str]:
    """Each letter with the marks that follow it."""
    cluster = ""
    for character in text:
        if cluster and unicodedata.category(character)[0] != "M":
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


@cache
def _compiler() -> Compiler:
    """The one compiler: it sees this folder, no font of the system, and none that the wheel brings."""
    from typst import Compiler, Fonts

    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
