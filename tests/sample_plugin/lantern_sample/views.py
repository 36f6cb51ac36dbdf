"""The sample's page: a wall of thanks."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from lantern_sample import services
from lantern_sample.forms import ThanksForm
from lms import clock
from lms.database.session import reading, transaction
from lms.errors import N_, Invalid
from lms.web.current import current_person, signed_in
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render

bp = Blueprint("sample", __name__, url_prefix="/sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPage:
    """What the wall shows; ``form`` is None for a guest."""

    lines: tuple[services.Line, ...]
    form: ThanksForm | None


@bp.get("/")
@requires("lms.anyone")
def wall() -> ResponseReturnValue:
    """The newest lines of thanks."""
    return _wall(ThanksForm() if signed_in() else None)


@bp.post("/")
@requires("sample.thank")
def thank() -> ResponseReturnValue:
    """Write a line of thanks."""
    form = ThanksForm()
    try:
        with transaction() as session:
            services.thank(session, person_id=current_person().id, words=form.words.data or "", now=clock.now())
    except Invalid as error:
        form.blame(error, otherwise="words")
        return _wall(form, status=422)
    flash(translate(N_("Your thanks are on the wall.")), "good")
    return redirect(url_for("sample.wall"), code=303)


def _wall(form: ThanksForm | None, *, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        page = WallPage(lines=services.wall(session), form=form)
    return render("sample/wall.html", page=page, status=status)
