"""Make a page: a template, one frozen page object, and what stands around it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, get_flashed_messages, session
from markupsafe import Markup

from lms.text.localised import pick
from lms.text.markdown import inline, title
from lms.web import languages
from lms.web.current import signed_in
from lms.web.navigation import Chrome, chrome_html


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


def said(text: dict[str, str]) -> Any:
    """A language map in the page's language: its ``text`` and the ``language`` that it is in."""
    return pick(text, (languages.language(),))


def render(template: str, *, status: int = 200, **values: Any) -> Response:
    """The page that ``template`` makes of ``values`` (by custom one frozen ``page``), as a response."""
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
    html = current_app.jinja_env.get_template(template).render(values, chrome=around, person=person)
    return Response(html, status=status, mimetype="text/html")
