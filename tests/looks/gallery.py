"""Every component and a mock of every kind of page, made from the real base template, macros and stylesheet.

The people, numbers and receipts are made up, and the pages say so. To look at them:

    python tests/looks/gallery.py FOLDER

then open FOLDER/index.html (a file server is needed for the script only).
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from lms.text.markdown import title

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATIC = ROOT / "lms" / "static"
PAGES = sorted(path.stem for path in (HERE / "pages").glob("[a-z]*.html"))


@dataclass(frozen=True)
class Link:
    """One entry of the navigation or the footer."""

    label: str
    href: str = "#"
    current: bool = False


@dataclass(frozen=True)
class Chrome:
    """What base.html is given beside the page."""

    navigation: tuple[Link, ...]
    language: str = "en"
    direction: str = "ltr"
    person: SimpleNamespace | None = None
    footer: tuple[Link, ...] = (
        Link("Check a certificate"),
        Link("Help"),
        Link("Privacy"),
        Link("Languages: English"),
    )
    notices: tuple[tuple[str, str], ...] = ()
    skip: str = ""
    header: str = ""  # the application may give both as cached fragments
    footer_html: str = ""


GUEST = Chrome((Link("Courses", current=True), Link("Sign in")))
PARTICIPANT = Chrome((Link("Courses", current=True), Link("Certificates"), Link("Account")))
TRAINER = Chrome((Link("Courses"), Link("Questions", current=True), Link("Results"), Link("Account")))
ADMIN = Chrome((Link("People", current=True), Link("Certificates"), Link("Courses"), Link("Audit log")))
STRANGER = Chrome((Link("Courses"), Link("Check a certificate", current=True)))
ARABIC = Chrome(
    (Link("الدورات", current=True), Link("الشهادات"), Link("الحساب")),
    language="ar",
    direction="rtl",
    footer=(Link("تحقّق من شهادة"), Link("مساعدة"), Link("الخصوصية"), Link("اللغات: العربية")),
    skip="انتقل إلى المحتوى",
)
CHROMES = {
    "home": GUEST,
    "signin": Chrome((Link("Courses"), Link("Sign in", current=True))),
    "account": Chrome(
        (Link("Courses"), Link("Certificates"), Link("Account", current=True)),
        notices=(("success", "Your name is saved."),),
    ),
    "certificate": STRANGER,
    "certificate_revoked": STRANGER,
    "certificate_replaced": STRANGER,
    "certificate_unknown": STRANGER,
    "certificates": Chrome((Link("Courses"), Link("Certificates", current=True), Link("Account"))),
    "why": Chrome((Link("Courses"), Link("Certificates", current=True), Link("Account"))),
    "bank": TRAINER,
    "preview": TRAINER,
    "people": ADMIN,
    "issue": ADMIN,
    "question_ar": ARABIC,
}


class SignIn(Form):
    """A form that is refused, with errors at two fields."""

    email = EmailField("E-mail", [Regexp(r".+@.+\..+", message="Write an e-mail address like name@example.org.")])
    password = PasswordField("Password", [Length(min=12, message="Write your password.")])
    remember = BooleanField("Stay signed in for 30 days", description="Choose this on your own phone only.")


class Account(Form):
    """Every type of field, without an error."""

    name = StringField("Your name", [InputRequired()], description="As your certificates should show it.")
    country = SelectField(
        "Country", choices=[SelectChoice("KE", "Kenya"), SelectChoice("PE", "Peru"), SelectChoice("EG", "Egypt")]
    )
    zone = SelectField(
        "Time zone", choices=[SelectChoice("Africa/Nairobi", "Nairobi"), SelectChoice("America/Lima", "Lima")]
    )
    language = RadioField(
        "Language", choices=[SelectChoice("en", "English"), SelectChoice("ar", "العربية"), SelectChoice("zh", "中文")]
    )


class Question(Form):
    """The editor's fields."""

    prompt = TextAreaField("Question")
    accepted = FieldList(StringField("Accepted answer"), "Accepted answers", min_entries=2)


class FilterForm(Form):
    """The filters of a list."""

    words = StringField("Name or e-mail")
    state = SelectField(
        "Certificate", choices=[SelectChoice("", "Every state"), SelectChoice("met", "Meets all rules")]
    )
    country = SelectField("Country", choices=[SelectChoice("", "All countries"), SelectChoice("KE", "Kenya")])


QR = "".join(f'<path d="M{x} {y}h1v1h-1z"/>' for y in range(21) for x in range(21) if (x * x + 3 * y + x * y) % 5 < 2)


def _ngettext(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


@cache
def environment() -> Environment:
    """A Jinja environment like the application's, without the application."""
    made = Environment(
        loader=FileSystemLoader([ROOT / "templates", HERE / "pages"]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(lambda text: text, _ngettext, newstyle=True)
    made.globals["static"] = lambda path: f"static/{path}"
    made.globals["csrf_token"] = lambda: "made-up-token"
    made.filters["title_html"] = lambda text: Markup(title(text))
    return made


def render(name: str) -> str:
    """The HTML of one mock page; `name` is one of PAGES."""
    refused = SignIn(MultiDict({"email": "amina@example", "password": "short"}))
    refused.validate()
    return (
        environment()
        .get_template(f"{name}.html")
        .render(
            chrome=CHROMES.get(name, PARTICIPANT),
            main_alone=False,
            sign_in=refused,
            account=Account(data={"name": "Example Participant", "country": "KE", "language": "en"}),
            question=Question(data={"prompt": "Which plan of 1978 is the basis of South-South cooperation?"}),
            filters=FilterForm(),
            qr_svg=Markup(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21" aria-hidden="true">{QR}</svg>'),
            this=SimpleNamespace,
        )
    )


def write(folder: Path) -> None:
    """Write all pages, an index and the static files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for name in PAGES:
        (folder / f"{name}.html").write_text(render(name), encoding="utf-8")
    links = "".join(f'<li><a href="{name}.html">{name}</a></li>' for name in PAGES)
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title><ul>{links}</ul></html>',
        encoding="utf-8",
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name one folder: python tests/looks/gallery.py FOLDER")
    write(Path(sys.argv[1]))
    print(f"{len(PAGES)} pages in {sys.argv[1]}")
