"""What the core adds to itself, through the door that every plugin uses: its table of contents."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint

from lms.accounts import expiry, writing
from lms.accounts import views as accounts
from lms.administration import views as administration
from lms.certificates import views as certificates
from lms.errors import N_
from lms.jobs import running
from lms.limiting import services as limiting
from lms.mail import sending
from lms.plugins import About, JobKind, NavigationItem, hookimpl
from lms.web import site

if TYPE_CHECKING:
    import click

about = About(name="lms", title="Lantern", version="0.1.0")

pages = Blueprint("lms", __name__)
for _part in (accounts, administration, certificates, site):
    pages.register_blueprint(_part.bp)


@hookimpl
def lms_blueprints() -> list[Blueprint]:
    return [pages]


@hookimpl
def lms_navigation() -> list[NavigationItem]:
    return [
        NavigationItem(name="account", label=N_("Account"), endpoint="lms.accounts.account", who="signed_in", order=90),
        NavigationItem(name="sign_in", label=N_("Sign in"), endpoint="lms.accounts.sign_in", who="guest", order=90),
        NavigationItem(
            name="certificates", label=N_("Certificates"), endpoint="lms.certificates.mine", who="signed_in", order=30
        ),
        NavigationItem(name="admin", label=N_("Admin"), endpoint="lms.administration.overview", who="admin", order=70),
        NavigationItem(
            name="check", label=N_("Check a certificate"), endpoint="lms.certificates.check", place="footer", order=10
        ),
        *(
            NavigationItem(
                name=f"admin_{name}",
                label=label,
                endpoint=f"lms.administration.{name}",
                who="admin",
                place="admin",
                order=order,
            )
            for order, (name, label) in enumerate(administration.ROOMS.items(), start=10)
        ),
        NavigationItem(name="help", label=N_("Help"), endpoint="lms.site.guide", place="footer", order=80),
        NavigationItem(name="privacy", label=N_("Privacy"), endpoint="lms.site.privacy", place="footer", order=90),
    ]


@hookimpl
def lms_jobs() -> list[JobKind]:
    return [
        JobKind(name="lms.send_mail", run_in_steps=sending.send, give_up=sending.give_up),
        JobKind(name="lms.clear_away", run=running.clear_away, every=timedelta(hours=1)),
        JobKind(name=writing.RESET_JOB, run=writing.mail_reset_link),
        JobKind(name="lms.forget_expired", run=expiry.forget_expired, every=timedelta(hours=1)),
        JobKind(name="lms.forget_counts", run=limiting.forget_counts, every=timedelta(hours=1)),
    ]


@hookimpl
def lms_commands() -> list[click.Command]:
    from lms.commands.certificates import certificates as command

    return [command]
