"""What all pages for admins share: the blueprint, the rooms, paging, and the page for one act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms.errors import N_, Invalid, Refused
from lms.text.plain import clean_line
from lms.web.current import current_person
from lms.web.forms import Form
from lms.web.languages import ngettext, translate
from lms.web.navigation import links
from lms.web.rendering import render

bp = Blueprint("administration", __name__, url_prefix="/admin")

ROOMS: Mapping[str, str] = {
    "overview": N_("Overview"),
    "people": N_("People"),
    "certificates": N_("Certificates"),
    "audit_log": N_("Audit log"),
    "mail": N_("Mail"),
    "jobs": N_("Jobs"),
    "plugins": N_("Plugins"),
}
"""The rooms of the admin's pages by the name of their view, each with its label."""

LARGEST_ID = 2**31 - 1  # what the databases hold in an integer
ID = f"int(max={LARGEST_ID})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Where one is in a long list."""

    summary: str
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """One thing that an admin does, on a page of its own: what it means, whom it is about, the form."""

    title: str
    lead: str
    about: tuple[tuple[str, str], ...]  # label and value
    form: Form
    act: str  # the words on the button
    kind: str  # its look: go, danger
    back: str
    back_label: str


def show(template: str, page: object, *, status: int = 200) -> Response:
    """An admin's page with the links to the rooms."""
    rooms = links("admin", current_person().role, current=request.path)
    return render(f"lms/administration/{template}.html", page=page, rooms=rooms, status=status)


def do(page: ActPage, act: Callable[[], str], *, otherwise: str) -> BaseResponse:
    """Show the page of an act, or do it and go back; what the service complains of stands at its field (422).

    ``act`` does it and gives the sentence that says so.
    """
    if request.method == "GET":
        return show("act", page)
    if page.form.accepted():
        try:
            said = act()
        except Invalid as error:
            page.form.blame(error, otherwise=otherwise)
        except Refused as error:
            page.form.blame(Invalid(error.message, field=otherwise, **error.values), otherwise=otherwise)
        else:
            flash(said, "success")
            return redirect(page.back, code=303)
    return show("act", page, status=422)


def asked_line(name: str, *, longest: int = 200) -> str:
    """A clean line from the address's query; empty where it is too long or absent."""
    try:
        return clean_line(request.args.get(name, ""), longest=longest)
    except Invalid:
        return ""


def asked_number(name: str) -> int | None:
    """A number from the address's query, if it is one that an id or a page can be."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_ID else None


def asked_page() -> int:
    return asked_number("page") or 1


def paging(*, number: int, pages: int, total: int, endpoint: str, **query: Any) -> Paging:
    """The links to the pages before and after, with the filters kept."""

    def to(page: int) -> str | None:
        if not 1 <= page <= pages or page == number:
            return None
        return url_for(endpoint, **{name: value for name, value in query.items() if value}, page=page)

    entries = ngettext("%(num)d entry", "%(num)d entries", total) % {"num": total}
    place = translate(N_("Page %(number)s of %(pages)s."), number=number, pages=pages)
    return Paging(summary=f"{entries}. {place}", previous=to(number - 1), next=to(number + 1))
