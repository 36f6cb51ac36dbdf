"""Issue once, never change, revoke and correct in the open."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select, update

from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.certificates import services
from lms.certificates.models import Certificate
from lms.certificates.serials import read_serial
from lms.certificates.services import issuing
from lms.database.session import transaction
from lms.errors import Invalid, NotFound, Refused
from lms.jobs.models import Job
from lms.mail.models import Message
from lms.records.models import Completion
from lms.testing import Site
from tests.factories.completions import NOW, SUBJECT, finisher, issue

LATER = NOW + timedelta(days=400)


def rows(site: Site, *models: type) -> list[int]:
    with site.reading() as session:
        return [len(session.scalars(select(model)).all()) for model in models]


def pdf_of(site: Site, serial: str) -> bytes:
    with site.reading() as session:
        return bytes(session.scalars(select(Certificate.pdf).where(Certificate.serial == serial)).one())


def pdf_text(site: Site, serial: str) -> str:
    return PdfReader(io.BytesIO(pdf_of(site, serial))).pages[0].extract_text()


def test_a_certificate_holds_its_own_copy_of_every_fact(site: Site) -> None:
    person = finisher(site)

    certificate = issue(site, person, actor_id=person.id)

    serial = certificate.serial
    assert dict(certificate.facts) == {
        "person_name": "Example Participant",
        "course_title": "A made-up course",
        "title_language": "en",
        "statement": "has read every lesson and passed every quiz.",
        "statement_language": "en",
        "issuer": "Lantern",
        "hours": "About 1 hour",
        "completed_on": "2026-11-23",
        "issued_on": "2026-11-23",
        "serial": serial,
        "address": f"http://localhost:8000/certificates/{serial}",
        "language": "en",
        "demonstration": True,
        "score": "87%",
        "version": 1,
        "paper_title": None,
    }
    assert hashlib.sha256(pdf_of(site, serial)).hexdigest() == certificate.pdf_sha256
    assert "Example Participant" in pdf_text(site, serial)


def test_a_certificate_comes_with_one_letter_one_audit_entry_and_one_event(site: Site, monkeypatch) -> None:
    told = []
    monkeypatch.setitem(site.app.extensions["lms.session_info"], "announce", told.append)
    person, admin = finisher(site), site.person(role="admin")
    told.clear()

    certificate = issue(site, person, actor_id=admin.id)

    with site.reading() as session:
        letter = session.scalars(select(Message)).one()
        entry = session.scalars(select(AuditEntry)).one()
    assert (letter.to, letter.once) == (person.email, f"certificate:{certificate.serial}")
    assert certificate.facts["address"] in letter.body
    assert (entry.act, entry.about, entry.actor_id) == (
        "certificate.issued",
        f"certificate:{certificate.serial}",
        admin.id,
    )
    assert [(event.serial, event.person_id) for event in told] == [(certificate.serial, person.id)]


def test_a_site_with_a_real_address_issues_no_demonstrations(site_with) -> None:
    site = site_with(base_url="https://lantern.example.org", issuer="An example site")
    person = finisher(site)

    certificate = issue(site, person)

    assert certificate.facts["demonstration"] is False
    assert certificate.facts["address"] == f"https://lantern.example.org/certificates/{certificate.serial}"
    assert certificate.facts["issuer"] == "An example site"


def test_the_title_is_in_the_persons_language(site_with) -> None:
    site = site_with(languages=("en", "ar"))
    person = finisher(site, language="ar")

    certificate = issue(site, person)

    assert certificate.facts["course_title"] == "دورة مصطنعة"
    assert (certificate.facts["language"], certificate.facts["title_language"]) == ("ar", "ar")
    assert certificate.facts["statement_language"] == "en"


def test_case_27_the_serial_has_128_bits_and_nothing_of_person_course_or_time(site: Site, monkeypatch) -> None:
    drawn = []
    monkeypatch.setattr("secrets.randbits", lambda bits: drawn.append(bits) or 2**bits - 1)
    person = finisher(site)

    certificate = issue(site, person)

    assert drawn == [128]
    assert certificate.serial == "7" + "Z" * 25 == read_serial(certificate.serial)


def test_case_36_a_fault_between_database_pdf_and_mail_leaves_nothing_half(site: Site, monkeypatch) -> None:
    person = finisher(site)

    def breaks(*_arguments: object, **_values: object) -> None:
        raise RuntimeError("the power went")

    for place, name in ((issuing, "typeset"), (issuing.mail, "write"), (issuing.audit, "record")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, breaks)
            with pytest.raises(RuntimeError, match="the power went"):
                issue(site, person)
        assert rows(site, Certificate, Message, Job, AuditEntry) == [0, 0, 0, 0]

    issue(site, person)

    assert rows(site, Certificate, Message, Job, AuditEntry) == [1, 1, 1, 1]


def test_case_37_issuing_again_changes_no_number_date_or_byte_and_writes_no_mail(site: Site) -> None:
    person = finisher(site)
    first = issue(site, person)
    before = (first.serial, first.issued_at, dict(first.facts))
    pdf = pdf_of(site, first.serial)
    with site.writing() as session:
        services.confirm_name(session, person_id=person.id, name="Another Name", now=LATER)
        session.execute(update(Person).values(email_verified_at=None))

    with site.writing() as session:
        again = services.issue(
            session, person_id=person.id, subject=SUBJECT, config=site.config, actor_id=None, now=LATER
        )

    assert (again.serial, again.issued_at, dict(again.facts)) == before
    assert pdf_of(site, again.serial) == pdf
    assert rows(site, Certificate, Message, Job, AuditEntry) == [1, 1, 1, 1]


def test_two_at_once_issue_one(site: Site) -> None:
    person = finisher(site)
    together, serials = threading.Barrier(4), []

    def run() -> None:
        together.wait()
        serials.append(issue(site, person).serial)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(serials) == 4
    assert len(set(serials)) == 1
    assert rows(site, Certificate, Message, AuditEntry) == [1, 1, 1]


def test_case_38_a_certificate_outlives_the_account_and_the_completion(site: Site) -> None:
    person = finisher(site)
    certificate = issue(site, person, actor_id=person.id)
    with site.writing() as session:
        session.execute(delete(Completion))
        session.execute(delete(Person).where(Person.id == person.id))

    page = site.browser().get(f"/certificates/{certificate.serial}")

    assert page.status_code == 200
    assert "This certificate stands." in page.text
    assert "Example Participant" in page.text


@pytest.mark.parametrize(
    "name",
    ["{{7*7}} Example", "\\input{secret} Example", "#sys.inputs Example", "<b>Example</b>", "*Example* $x$"],
)
def test_case_39_a_name_of_markup_is_printed_as_it_is(site: Site, name: str) -> None:
    person = finisher(site, certificate_name=name)

    certificate = issue(site, person)

    assert name in pdf_text(site, certificate.serial).replace("\n", " ")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Example \u202eevil\u202c Name", "Example evil Name"),
        ("Exam\u200bple", "Example"),
        ("  Example \n Name\x00 ", "Example Name"),
    ],
    ids=["bidi override", "zero width", "lines and NUL"],
)
def test_case_39_hidden_signs_are_dropped_from_a_name(site: Site, given: str, kept: str) -> None:
    person = site.person()

    with site.writing() as session:
        services.confirm_name(session, person_id=person.id, name=given, now=NOW)

    with site.reading() as session:
        assert session.get_one(Person, person.id).certificate_name == kept


@pytest.mark.parametrize(
    ("name", "fault", "says"),
    [
        ("Example 🎓", Refused, "We cannot print"),
        ("𗀀", Refused, "We cannot print"),
        ("n" * 300, Invalid, "longer than 120"),
        (" \u200b ", Invalid, "in letters"),
        ("12345", Invalid, "in letters"),
    ],
    ids=["emoji", "no font", "300 characters", "nothing", "no letter"],
)
def test_case_39_a_name_that_cannot_be_printed_is_refused(
    site: Site, name: str, fault: type[Exception], says: str
) -> None:
    person = site.person()

    with pytest.raises(fault, match=says), site.writing() as session:
        services.confirm_name(session, person_id=person.id, name=name, now=NOW)

    with site.reading() as session:
        assert session.get_one(Person, person.id).name_confirmed_at is None


def test_case_41_nobody_gets_one_without_the_evidence(site: Site) -> None:
    person = site.person(certificate_name="Example", name_confirmed_at=NOW)
    admin = site.person(role="admin")

    with pytest.raises(Refused, match="Not every rule"):
        issue(site, person, actor_id=admin.id)
    with pytest.raises(Refused, match="Not every rule"):
        issue(site, finisher(site), subject="course:another")
    with pytest.raises(NotFound), site.writing() as session:
        services.issue(session, person_id=9999, subject=SUBJECT, config=site.config, actor_id=None, now=NOW)

    assert rows(site, Certificate, Message) == [0, 0]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"confirmed": False}, "name is not confirmed"),
        ({"verified": False}, "address is not verified"),
        ({"suspended_at": NOW}, "account is closed"),
    ],
    ids=["name", "e-mail", "account"],
)
def test_what_the_paper_needs_must_be_there(site: Site, values: dict[str, object], says: str) -> None:
    person = finisher(site, **values)

    with pytest.raises(Refused, match=says):
        issue(site, person)


def test_an_admins_word_for_name_and_address_is_enough(site: Site) -> None:
    from lms.accounts import services as accounts

    person, admin = finisher(site, confirmed=False, verified=False), site.person(role="admin")
    with site.writing() as session:
        services.attest_name(
            session, person_id=person.id, name="李 示例", actor_id=admin.id, reason="Saw the passport.", now=NOW
        )
        accounts.attest_email(session, person_id=person.id, actor_id=admin.id, reason="Met them.", now=NOW)

    certificate = issue(site, person, actor_id=admin.id)

    assert certificate.facts["person_name"] == "李 示例"


def test_a_revoked_one_stays_and_is_not_issued_again_by_itself(site: Site) -> None:
    person, admin = finisher(site), site.person(role="admin")
    serial = issue(site, person).serial

    for reason in ("Issued to the wrong person.", "Another reason."):
        with site.writing() as session:
            services.revoke(session, serial=serial, reason=reason, actor_id=admin.id, now=LATER)

    with pytest.raises(Refused, match="was revoked"):
        issue(site, person)
    with site.reading() as session:
        assert services.standing(session, person_id=person.id, subject=SUBJECT) is None
        row = services.by_serial(session, serial=serial)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate.revoked")).all()
    assert (row.revoked_at, row.revoked_reason, row.revoked_by_id) == (LATER, "Issued to the wrong person.", admin.id)
    assert [(entry.actor_id, entry.reason) for entry in entries] == [(admin.id, "Issued to the wrong person.")]


def test_revoking_needs_a_reason_and_a_certificate(site: Site) -> None:
    serial = issue(site, finisher(site)).serial

    with pytest.raises(Invalid, match="reason"), site.writing() as session:
        services.revoke(session, serial=serial, reason=" \n", actor_id=None, now=NOW)
    with pytest.raises(NotFound), site.writing() as session:
        services.revoke(session, serial="0" * 26, reason="A reason.", actor_id=None, now=NOW)


def test_a_correction_is_a_new_version_and_the_old_one_stays_as_it_was(site: Site) -> None:
    person, admin = finisher(site), site.person(role="admin")
    first = issue(site, person)
    pdf = pdf_of(site, first.serial)

    with site.writing() as session:
        second = services.correct(
            session,
            serial=first.serial,
            name="Exämple Participant",
            reason="A letter was missing.",
            config=site.config,
            actor_id=admin.id,
            now=LATER,
        )

    with site.reading() as session:
        old = services.by_serial(session, serial=first.serial)
        standing = services.standing(session, person_id=person.id, subject=SUBJECT)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "certificate.corrected")).one()
    assert standing is not None
    assert (standing.serial, standing.version, standing.facts["person_name"]) == (
        second.serial,
        2,
        "Exämple Participant",
    )
    assert (standing.facts["completed_on"], standing.facts["score"]) == ("2026-11-23", "87%")
    assert (old.facts, old.issued_at, old.replaced_by_id) == (first.facts, first.issued_at, second.id)
    assert (entry.reason, entry.facts["replaces"]) == ("A letter was missing.", first.serial)
    assert pdf_of(site, first.serial) == pdf
    assert issue(site, person).serial == second.serial
    assert rows(site, Message) == [2]


@pytest.mark.parametrize("state", ["replaced", "revoked", "same name"])
def test_only_what_stands_can_be_corrected(site: Site, state: str) -> None:
    serial, name = issue(site, finisher(site)).serial, "Another Name"
    with site.writing() as session:
        if state == "replaced":
            services.correct(
                session, serial=serial, name="One", reason="One.", config=site.config, actor_id=None, now=NOW
            )
        elif state == "revoked":
            services.revoke(session, serial=serial, reason="One.", actor_id=None, now=NOW)
        else:
            name = "Example Participant"

    with pytest.raises((Refused, Invalid), match=r"newer version|was revoked|already"), site.writing() as session:
        services.correct(session, serial=serial, name=name, reason="Two.", config=site.config, actor_id=None, now=NOW)


def test_a_version_that_was_replaced_is_not_revoked_by_mistake(site: Site) -> None:
    serial = issue(site, finisher(site)).serial
    with site.writing() as session:
        services.correct(session, serial=serial, name="One", reason="One.", config=site.config, actor_id=None, now=NOW)

    with pytest.raises(Refused, match="newer version"), site.writing() as session:
        services.revoke(session, serial=serial, reason="Two.", actor_id=None, now=NOW)


def everybody(site: Site) -> dict[str, Person]:
    """One person for each state."""
    people = {
        "ready": finisher(site),
        "waiting for name": finisher(site, confirmed=False),
        "waiting for e-mail": finisher(site, verified=False),
        "issued": finisher(site),
        "revoked": finisher(site),
    }
    issue(site, people["issued"])
    serial = issue(site, people["revoked"]).serial
    with site.writing() as session:
        services.revoke(session, serial=serial, reason="A reason.", actor_id=None, now=NOW)
    site.person()  # somebody who completed nothing
    finisher(site, suspended_at=NOW)  # and somebody whose account is closed
    return people


def test_each_person_is_in_one_state(site: Site) -> None:
    people = everybody(site)

    with site.reading() as session:
        found = services.candidates(session, subject=SUBJECT)
        counts = services.counts(session, subject=SUBJECT)

    assert {one.state: one.person_id for one in found} == {state: person.id for state, person in people.items()}
    assert [one.state for one in found] == list(people)
    assert counts == dict.fromkeys(people, 1)


def to_all(site: Site) -> services.Outcome:
    with site.app.app_context():
        with transaction() as session:
            chosen = [(one.person_id, one.subject) for one in services.candidates(session)]
        return services.issue_to_all(transaction, chosen=chosen, config=site.config, actor_id=None, now=NOW)


def test_issuing_to_all_says_what_became_of_each_and_twice_is_harmless(site: Site) -> None:
    people = everybody(site)

    first = to_all(site)
    before = rows(site, Certificate, Message)
    second = to_all(site)

    assert len(first.issued) == 1
    assert first.had_one == [people["issued"].id]
    assert first.waiting_for_name == first.asked_for_name == [people["waiting for name"].id]
    assert first.waiting_for_email == [people["waiting for e-mail"].id]
    assert [(person, message) for person, message, _ in first.refused] == [
        (people["revoked"].id, "This certificate was revoked. A new one is not issued by itself.")
    ]
    assert sorted(second.had_one) == sorted([people["issued"].id, people["ready"].id])
    assert (second.issued, second.asked_for_name) == ([], [])
    assert second.waiting_for_name == [people["waiting for name"].id]
    assert rows(site, Certificate, Message) == before == [3, 4]


def test_one_persons_failure_does_not_stop_the_others(site: Site, monkeypatch) -> None:
    unlucky, lucky = finisher(site, name="A"), finisher(site, name="B")
    real = issuing.typeset

    def breaks(facts, **values):
        if facts.person_name == "A":
            raise RuntimeError("the font is broken")
        return real(facts, **values)

    monkeypatch.setattr(issuing, "typeset", breaks)

    outcome = to_all(site)

    assert [person for person, _, _ in outcome.refused] == [unlucky.id]
    assert len(outcome.issued) == 1
    with site.reading() as session:
        assert session.scalars(select(Certificate.person_id)).all() == [lucky.id]


def test_what_issuing_to_all_came_to_can_be_read_later(site: Site) -> None:
    everybody(site)

    outcome = to_all(site)

    with site.reading() as session:
        at, kept = services.outcome_of(session, token=outcome.token)
        assert kept.issued == outcome.issued
        assert [tuple(line) for line in kept.refused] == outcome.refused
    assert at == NOW
    with pytest.raises(NotFound), site.reading() as session:
        services.outcome_of(session, token="0" * 16)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(3, "About 5 minutes"), (44, "About 45 minutes"), (62, "About 1 hour"), (700, "About 12 hours")],
)
def test_the_effort_is_told_in_words(minutes: int, words: str) -> None:
    from lms.certificates.words import Words

    assert Words("en").hours(minutes) == words


def test_days_on_the_paper_are_days_in_utc(site: Site) -> None:
    from datetime import timezone

    person = finisher(site)
    late = datetime(2026, 11, 24, 1, 0, tzinfo=timezone(timedelta(hours=3)))

    with site.writing() as session:
        certificate = services.issue(
            session, person_id=person.id, subject=SUBJECT, config=site.config, actor_id=None, now=late.astimezone(UTC)
        )

    assert certificate.facts["issued_on"] == "2026-11-23"
