"""Pages of the site itself: privacy, help, health."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.config import Config
from lms.database.revisions import is_surely_current
from lms.database.session import read_connection
from lms.errors import N_, LmsError
from lms.web.languages import translate
from lms.web.permissions import requires
from lms.web.rendering import render

bp = Blueprint("site", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage:
    """Who runs the site, as rows of a slip: label, value, look."""

    rows: tuple[tuple[str, str, str], ...]


@bp.get("/privacy")
@requires("lms.anyone")
def privacy() -> Response:
    """What is kept of a person, why, and for how long, in plain words."""
    return render("lms/web/privacy.html", page=PrivacyPage(rows=_who_runs_it()))


@bp.get("/help")
@requires("lms.anyone")
def guide() -> Response:
    """How learning, saving and certificates work here."""
    return render("lms/web/help.html")


@bp.get("/offline")
@requires("lms.anyone")
def offline() -> Response:
    """What a person sees when a page is not on the phone and the network is away."""
    return render("lms/web/offline.html")


@bp.get("/healthz")
@requires("lms.anyone")
def health() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@requires("lms.anyone")
def ready() -> tuple[Response, int]:
    """The database answers and its tables are those of this version; 503 where not."""
    try:
        read_connection().execute(text("SELECT 1"))
        current = is_surely_current(read_connection())
    except (SQLAlchemyError, LmsError):
        current = False
    return jsonify({"status": "ready" if current else "not ready"}), 200 if current else 503


def _who_runs_it() -> tuple[tuple[str, str, str], ...]:
    config: Config = current_app.extensions["lms.config"]
    address = parseaddr(config.mail_from)[1]
    rows = [(translate(N_("Run by")), config.issuer, "wide"), (translate(N_("Site")), config.base_url, "wide")]
    # The address that Lantern invents where an operator set none reaches nobody.
    if address and not address.endswith("@localhost"):
        rows.append((translate(N_("Write to")), address, "wide"))
    return tuple(rows)
