"""Make a page: a template, one frozen page object, and what stands around it."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, get_flashed_messages, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from lms.text.localised import pick
from lms.text.markdown import inline, title
from lms.web import languages
from lms.web.caching import etag_of
from lms.web.current import signed_in
from lms.web.navigation import Chrome, chrome_html

MOST_TOKENS = 5_000


def install(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.trim_blocks = env.lstrip_blocks = True
    env.filters["inline"] = lambda text: Markup(inline(text))  # nh3 has been over it
    env.filters["title_html"] = lambda text: Markup(title(text))
    env.filters["day"] = languages.format_day
    env.filters["moment"] = languages.format_moment
    env.filters["share"] = languages.format_share
    env.globals["said"] = said
    env.globals["csrf_token"] = form_token
    app.extensions["lms.kept_pages"] = KeptPages()
    app.extensions["lms.form_tokens"] = {}


def said(text: dict[str, str]) -> Any:
    """A language map in the page's language: its ``text`` and the ``language`` that it is in."""
    return pick(text, (languages.language(),))


def render(template: str, *, status: int = 200, **values: Any) -> Response:
    """The page that ``template`` makes of ``values`` (by custom one frozen ``page``), as a response."""
    return Response(_html(template, **values), status=status, mimetype="text/html")


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
    if slots:
        body = _filled(found.pieces, slots)
        g.etag = etag_of(f"{found.etag} {sorted(slots.items())}".encode())
    else:
        body = found.pieces[0] if len(found.pieces) == 1 else b"".join(found.pieces[::2])
    return Response(_with_token(body), mimetype="text/html")


def render_filled(template: str, *, slots: Slots, status: int = 200, **values: Any) -> Response:
    """As `render`, for a page with `slot` places in it."""
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    pieces = kept.cut(_html(template, **values).encode())
    return Response(_with_token(_filled(pieces, slots)), status=status, mimetype="text/html")


@contextmanager
def token_left_open() -> Iterator[None]:
    """Leave the place of the form token open in what is rendered inside: HTML for `Slots` that is kept."""
    kept: KeptPages = current_app.extensions["lms.kept_pages"]
    g.form_token_place = kept.place
    try:
        yield
    finally:
        del g.form_token_place


def _filled(pieces: Sequence[bytes], slots: Slots) -> bytes:
    filled = list(pieces)
    filled[1::2] = [slots.get(name.decode(), "").encode() for name in pieces[1::2]]
    return b"".join(filled)


def _with_token(body: bytes) -> bytes:
    place = current_app.extensions["lms.kept_pages"].place.encode()
    return body.replace(place, form_token().encode()) if place in body else body


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page cut at its slots: HTML and names of slots in turn. The place of the form token is still in the HTML."""

    pieces: tuple[bytes, ...]
    etag: str


class KeptPages:
    """The pages that one process keeps of one app: the least recently asked for goes first."""

    MOST = 500

    def __init__(self) -> None:
        self.place = f"token-{secrets.token_hex(16)}"  # where the token belongs; nothing that an author writes
        self._slot = re.compile(re.escape(self.place.encode()) + rb"-([a-z0-9-]+)\.")
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()

    def get(self, key: Hashable) -> KeptPage | None:
        found = self._pages.get(key)
        if found is not None:
            with suppress(KeyError):  # under a server with threads another one may have thrown it out by now
                self._pages.move_to_end(key)
        return found

    def cut(self, html: bytes) -> tuple[bytes, ...]:
        """HTML and names of slots in turn."""
        return tuple(self._slot.split(html))

    def put(self, key: Hashable, html: bytes) -> KeptPage:
        made = KeptPage(self.cut(html), etag_of(html.replace(self.place.encode(), b"")))
        self._pages[key] = made
        if len(self._pages) > self.MOST:
            self._pages.popitem(last=False)
        return made


def form_token() -> str:
    """The token of this person's forms; in a page that is kept, the place where it belongs."""
    if "form_token_place" in g:
        return str(g.form_token_place)
    signed: dict[str, str] = current_app.extensions["lms.form_tokens"]
    known = signed.get(session.get("csrf_token", ""))
    if known is not None:
        g.csrf_token = known  # signing it anew each time would say nothing new
    else:
        if len(signed) > MOST_TOKENS:
            signed.clear()
        token = generate_csrf()
        signed[session["csrf_token"]] = token
    return str(g.csrf_token)


def _html(template: str, **values: Any) -> str:
    person = signed_in()
    header, footer = chrome_html(person)
    language = languages.language()
    around = Chrome(
        language=language,
        direction=languages.direction(language),
        person=person,
        navigation=(),
        footer=(),
        # Asking for messages touches the session, and a guest who only reads has none.
        notices=get_flashed_messages(with_categories=True) if "_flashes" in session else (),
        header=header,
        footer_html=footer,
    )
    return current_app.jinja_env.get_template(template).render(values, chrome=around, person=person)
