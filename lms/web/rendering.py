"""Make a page: a template, one frozen page object, and what stands around it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Hashable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from flask import Flask, Response, current_app, g, get_flashed_messages, request, session
from flask.templating import Environment
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from lms.keeping import Keeping
from lms.text.localised import Localised, pick
from lms.text.markdown import inline, title
from lms.web import languages
from lms.web.caching import Gap, Zipped, etag_of, takes_gzip
from lms.web.current import signed_in
from lms.web.form_tokens import form_token
from lms.web.navigation import Chrome, chrome_html


class Templates(Environment):
    """Flask's, told that a template without globals of its own has those of all, and no chain of two maps.

    Each render and each import reads all of them, which in a chain takes longer than many a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def install(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = _in_template
    env.trim_blocks = env.lstrip_blocks = True
    env.filters["inline"] = lambda text: Markup(inline(text))  # nh3 has been over it
    env.filters["title_html"] = lambda text: Markup(title(text))
    env.filters["localised"] = localised
    env.filters["direction"] = languages.direction
    env.filters["day"] = languages.format_day
    env.filters["moment"] = languages.format_moment
    env.filters["share"] = languages.format_share
    env.globals["said"] = said
    env.globals["language"] = languages.language
    env.globals["csrf_token"] = form_token
    env.globals["same_for_all"] = same_for_all
    env.globals["slot"] = slot
    app.extensions["lms.kept_pages"] = KeptPages()
    app.extensions["lms.kept_frames"] = Keeping(most_bytes=MOST_FRAME_BYTES)
    app.extensions["lms.same_for_all"] = Keeping(most_bytes=MOST_PART_BYTES)


@pass_eval_context
def _in_template(evaluating: EvalContext, message: str, /, **values: object) -> str:
    """A text of the interface with its values, as Jinja's own `_` gives it; one without values is marked up once."""
    if not evaluating.autoescape:
        return languages.gettext(message) % values
    text = _marked(languages.gettext(message))
    return text % values if values else _without_values(text)


@lru_cache(maxsize=4096)
def _marked(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - our own words, or their translation


@lru_cache(maxsize=4096)
def _without_values(text: Markup) -> Markup:
    return text % {}


def localised(text: Localised, of_page: str = "") -> Markup:
    """A text of an author as safe HTML, marked with its language where it is not the page's; or one of ours."""
    if text.message:
        return Markup.escape(languages.gettext(text.text))
    return _localised(text.text, text.language, of_page or languages.language())


@lru_cache(maxsize=4096)
def _localised(text: str, language: str, of_page: str) -> Markup:
    html = Markup(inline(text))  # nh3 has been over it
    return html if language in ("", of_page) else Markup('<span lang="{}">{}</span>').format(language, html)


MOST_PART_BYTES = 2_000_000
MOST_FRAME_BYTES = 3_000_000


def same_for_all(template: str, **values: Hashable) -> Markup:
    """A part of a page that says the same to everybody in a language, for the same ``values``: made once."""
    kept: Keeping[Markup] = current_app.extensions["lms.same_for_all"]
    key = (template, languages.language(), *values.items())
    found = kept.get(key)
    if found is None:
        html = Markup(current_app.jinja_env.get_template(template).render(values))  # noqa: S704 - our own template
        found = kept.keep(key, html, 2 * len(html))  # what it is made of takes as much, about
    return found


def macros(template: str) -> Any:
    """The macros of a template that need nothing of the page around them, as functions that give Markup."""
    return current_app.jinja_env.get_template(template).module


def said(text: dict[str, str]) -> Any:
    """A language map in the page's language: its ``text`` and the ``language`` that it is in."""
    return pick(text, (languages.language(),))


def render(template: str, *, status: int = 200, **values: Any) -> Response:
    """The page that ``template`` makes of ``values`` (by custom one frozen ``page``), as a response."""
    return Response(_html(template, **values), status=status, mimetype="text/html")


def render_main(template: str, **values: Any) -> str:
    """The title and the main part of such a page: what a script needs that shows it in place of another one."""
    return _html(template, main_alone=True, **values)


def told(content: object) -> Response:
    """What our script is told, as JSON: letters of every script as they are, as escapes Arabic takes more bytes."""
    return Response(_write(content), mimetype="application/json")


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Slots = Mapping[str, str]
"""What differs from person to person in a page: HTML by the name that `slot` was given."""


def slot(name: str) -> str:
    """The place in a page where ``slots[name]`` belongs; nothing that an author writes. Names have a-z, 0-9 and "-"."""
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    return f"{kept.place}-{name}."


def render_kept(
    key: Hashable, template: str, make_page: Callable[[], object], *, slots: Slots | None = None
) -> Response:
    """As `render`, for a page that is the same for everybody with the same ``key`` (and role, language and address).

    It is made once and kept; only the form token differs, and is put in for each person. Pages that a person reads
    often are worth it: a lesson, a course. ``key`` must name everything that ``make_page`` looks at; what it leaves to
    ``slots`` is put in at each request.
    """
    if "_flashes" in session:  # a message is for one person, once
        return render_filled(template, slots=slots or {}, page=make_page())
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    person = signed_in()
    whole_key = (template, request.path, languages.language(), person.role if person else None, key)
    found = kept.get(whole_key)
    if found is None:
        with token_left_open():
            html = _html(template, page=make_page()).encode()
        found = kept.put(whole_key, html)
    g.etag = found.etag
    slots = slots or {}
    if slots:
        g.etag = etag_of(f"{found.etag} {sorted(slots.items())}".encode())
    between = _between(found.names, slots)
    if not takes_gzip():
        return Response(_filled(found.body.pieces, between), mimetype="text/html")
    weight = found.body.size_bytes
    response = Response(found.body.joined(between), mimetype="text/html")
    if found.body.size_bytes != weight:
        kept.weigh(whole_key, found)
    response.headers["Content-Encoding"] = "gzip"
    return response


def render_filled(template: str, *, slots: Slots, status: int = 200, **values: Any) -> Response:
    """As `render`, for a page with `slot` places in it."""
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    pieces, names = kept.cut(_html(template, **values).encode())
    return Response(_filled(pieces, _between(names, slots)), status=status, mimetype="text/html")


def render_framed(template: str, frame: Hashable, *, slots: Slots, status: int = 200) -> Response:
    """As `render_filled`, for a page of which everything but its slots follows from ``frame``, which is kept.

    Unlike `render_kept` for pages whose slots hold most of what is one person's own, and that are seldom asked for
    twice: it is compressed as a whole each time.
    """
    if "_flashes" in session:  # a message is for one person, once
        return render_filled(template, slots=slots, status=status, page=frame)
    return Response(_filled_frame(template, frame, slots, whole=True), status=status, mimetype="text/html")


def framed_main(template: str, frame: Hashable, *, slots: Slots) -> str:
    """As `render_main`, for a page as in `render_framed`."""
    return _filled_frame(template, frame, slots, whole=False)


def _filled_frame(template: str, frame: Hashable, slots: Slots, *, whole: bool) -> str:
    frames: Keeping[Frame] = current_app.extensions["lms.kept_frames"]
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    person = signed_in()
    key = (template, languages.language(), person.role if person else None, frame, whole)
    found = frames.get(key)
    if found is None:
        with token_left_open():
            html = _html(template, main_alone=not whole, page=frame)
        pieces, names = kept.cut(html.encode())
        found = frames.keep(key, Frame(tuple(piece.decode() for piece in pieces), names), 2 * len(html))
    parts = [""] * (2 * len(found.pieces) - 1)
    parts[::2] = found.pieces
    parts[1::2] = [kept.place if name is None else slots.get(name, "") for name in found.names]
    filled = "".join(parts)
    # Asking for a token begins a session, and a page without a form needs none.
    return filled.replace(kept.place, form_token()) if kept.place in filled else filled


@dataclass(frozen=True, slots=True)
class Frame:
    """A page of which most is one person's own, cut as a `KeptPage`."""

    pieces: tuple[str, ...]
    names: tuple[str | None, ...]


@contextmanager
def token_left_open() -> Iterator[None]:
    """Leave the place of the form token open in what is rendered inside: HTML for `Slots` that is kept."""
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    g.form_token_place = kept.place
    try:
        yield
    finally:
        del g.form_token_place


def _between(names: Sequence[str | None], slots: Slots) -> list[Gap]:
    """What belongs between the pieces of a page: the form token for None, else what the slot of that name holds."""
    place = current_app.extensions["lms.kept_pages"].place
    html = [place if name is None else slots.get(name, "") for name in names]
    # Asking for a token begins a session, and a page without a form needs none.
    token = form_token().encode() if any(place in one for one in html) else b""
    return [tuple(_with_token(one.encode().split(place.encode()), token)) for one in html]


def _with_token(parts: Sequence[bytes], token: bytes) -> Iterator[bytes]:
    yield parts[0]
    for part in parts[1:]:
        yield from (token, part)


def _filled(pieces: Sequence[bytes], between: Sequence[Gap]) -> bytes:
    return b"".join(part for piece, gap in zip_longest(pieces, between, fillvalue=()) for part in (piece, *gap))


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page cut where something belongs that differs; ``names`` says what: a slot, or the form token (None)."""

    body: Zipped
    names: tuple[str | None, ...]
    etag: str


class KeptPages:
    """The pages that one process keeps of one app."""

    MOST_BYTES = 6_000_000

    def __init__(self) -> None:
        self.place = f"token-{secrets.token_hex(16)}"  # where the token belongs; nothing that an author writes
        self._slot = re.compile(re.escape(self.place.encode()) + rb"(?:-([a-z0-9-]+)\.)?")
        self._pages: Keeping[KeptPage] = Keeping(most_bytes=self.MOST_BYTES)

    def get(self, key: Hashable) -> KeptPage | None:
        return self._pages.get(key)

    def cut(self, html: bytes) -> tuple[tuple[bytes, ...], tuple[str | None, ...]]:
        """The pieces of a page, and what belongs between them."""
        parts = self._slot.split(html)
        names = (part and part.decode() for part in parts[1::2])
        return tuple(parts[::2]), tuple(name or None for name in names)

    def put(self, key: Hashable, html: bytes) -> KeptPage:
        pieces, names = self.cut(html)
        made = KeptPage(Zipped(pieces), names, etag_of(html.replace(self.place.encode(), b"")))
        return self.weigh(key, made)

    def weigh(self, key: Hashable, page: KeptPage) -> KeptPage:
        """Note what a page takes by now: compressed parts come to it as they are asked for."""
        return self._pages.keep(key, page, page.body.size_bytes)


def _html(template: str, *, main_alone: bool = False, **values: Any) -> str:
    person = signed_in()
    header, footer = (None, None) if main_alone else chrome_html(person)
    language = languages.language()
    around = Chrome(
        language=language,
        direction=languages.direction(language),
        person=person,
        navigation=(),
        footer=(),
        # Asking for messages touches the session, and a guest who only reads has none.
        notices=get_flashed_messages(with_categories=True) if not main_alone and "_flashes" in session else (),
        header=header,
        footer_html=footer,
    )
    made = current_app.jinja_env.get_template(template)
    return made.render(values, chrome=around, main_alone=main_alone, person=person)
