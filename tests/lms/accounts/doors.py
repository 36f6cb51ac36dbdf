"""What the tests of accounts share: people with a password, the mails that were written, and the links in them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from lms.accounts.models import Person, SignIn
from lms.accounts.passwords import passwords_at
from lms.accounts.writing import RESET_JOB
from lms.jobs import running
from lms.jobs.models import Job
from lms.mail.models import Message
from lms.testing import BASE_URL, Browser, Site

PASSWORD = "a lamp for the long road"
HASH = passwords_at("test").hash(PASSWORD)


def form(**changes: Any) -> dict[str, Any]:
    """What somebody sends to register."""
    filled = {
        "name": "Asha Mwangi",
        "email": "asha@example.org",
        "password": PASSWORD,
        "country": "KE",
        "time_zone": "Africa/Nairobi",
        "language": "sw",
        "consent": "y",
    }
    return {**filled, **changes}


def person_with_password(site: Site, **values: Any) -> Person:
    return site.person(**{"password_hash": HASH, **values})


def sign_in(browser: Browser, person: Person | str, password: str = PASSWORD, **more: Any) -> Any:
    email = person if isinstance(person, str) else person.email
    return browser.post("/sign-in", {"email": email, "password": password, **more})


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def mails(site: Site) -> list[Message]:
    with site.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def link_in(message: Message) -> str:
    """The path of the one-time link in a mail; its host is the configured one."""
    found = re.findall(re.escape(BASE_URL) + r"(/(?:verify|reset)/\S+)", message.body)
    assert len(found) == 1, message.body
    return str(found[0])


def run_reset_jobs(site: Site) -> int:
    """Do what the worker does with requests for a new password; how many there were."""
    with site.reading() as session:
        numbers = list(session.scalars(select(Job.id).where(Job.kind == RESET_JOB, Job.state == "waiting")))
    with site.app.app_context():
        assert all(running.run_job(number) for number in numbers)
    return len(numbers)


def person(site: Site, email: str) -> Person:
    with site.reading() as session:
        return session.scalars(select(Person).where(Person.email == email)).one()


def devices(site: Site, person_id: int) -> int:
    with site.reading() as session:
        return len(session.scalars(select(SignIn.id).where(SignIn.person_id == person_id)).all())
