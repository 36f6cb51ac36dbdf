"""A trainer edits one question of each kind while somebody takes the quiz; an admin issues, attests and revokes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from courses.enrolment.models import Enrolment
from courses.learning.services import subject_of
from courses.outline.models import Course
from lms import clock
from lms.accounts.models import Person
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.records import services as records
from quizzes.attempts.models import Attempt, AttemptQuestion
from quizzes.bank.models import PUBLISHED, Question, QuestionVersion
from quizzes.question_types import BUILT_IN
from tests.journeys.live import COURSE, MODULE, Live
from tests.journeys.people import Phone, phone, plain

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
FIRST_KINDS = {"single_choice", "multiple_choice", "true_false", "short_text", "numeric"}
BANK = f"/quizzes/{COURSE}/{MODULE}/quiz/edit"


# --- the trainer -----------------------------------------------------------------------------------------------------


def one_of_each_kind(live: Live, person: Person) -> dict[str, tuple[str, int]]:
    """By kind a question that is in the person's attempt: its uid and where it was drawn to; kinds not drawn lack."""
    with live.site.reading() as session:
        rows = session.execute(
            select(Question.kind, Question.uid, AttemptQuestion.position)
            .join(QuestionVersion, QuestionVersion.question_id == Question.id)
            .join(AttemptQuestion, AttemptQuestion.question_version_id == QuestionVersion.id)
            .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
            .where(Attempt.person_id == person.id)
        )
        found = {row.kind: (row.uid, row.position) for row in rows}
        for kind, uid in session.execute(select(Question.kind, Question.uid).order_by(Question.id)):
            found.setdefault(kind, (uid, 0))
    return found


def words_published(live: Live, uid: str) -> str:
    with live.site.reading() as session:
        spec = session.scalars(
            select(QuestionVersion.spec)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.uid == uid, QuestionVersion.state == PUBLISHED)
            .order_by(QuestionVersion.number.desc())
        ).first()
    assert spec is not None
    words: str = spec["prompt"]["en"]
    return words


def edit_and_publish(trainer: Phone, uid: str, words: str) -> None:
    trainer.open(f"{BANK}/{uid}")
    trainer.page.locator("#prompt").fill(words)
    trainer.page.get_by_role("button", name="Save the draft").last.click()
    trainer.sees("The draft is saved. Participants do not see it.")
    trainer.page.get_by_role("link", name="See it as a participant").click()
    expect(trainer.page.locator("h1.ask")).to_have_text(plain(words))
    trainer.sees("What a participant sees afterwards")
    trainer.page.get_by_role("button", name="Publish version").click()
    trainer.sees("is published. New attempts get it.")


@SCRIPT
def test_a_trainer_edits_each_kind_while_a_participant_keeps_the_version_of_the_attempt(
    chromium: Browser, live: Live, script: bool
) -> None:
    mark = "with script" if script else "without script"
    slug = mark.replace(" ", "-")
    learner = live.person(f"learner-{slug}@example.org")
    live.person(f"trainer-{slug}@example.org", role="trainer", teaches=True)
    with phone(chromium, live, script=script) as zola, phone(chromium, live, script=script) as trainer:
        zola.sign_in(learner.email)
        zola.open(f"/courses/{COURSE}")
        zola.press("Enrol, it costs nothing")
        zola.open(f"/quizzes/{COURSE}/{MODULE}/quiz")
        zola.press("Begin the quiz")
        attempt = zola.path().rpartition("/")[0]
        chosen = one_of_each_kind(live, learner)
        assert FIRST_KINDS <= set(chosen) <= {one.kind for one in BUILT_IN}

        trainer.sign_in(f"trainer-{slug}@example.org")
        trainer.open("/trainer")
        trainer.page.get_by_role("link", name="Quiz").first.click()
        assert trainer.path() == BANK
        for uid, position in chosen.values():
            before = words_published(live, uid)
            after = f"{before} (Edited {mark}.)"
            edit_and_publish(trainer, uid, after)
            assert words_published(live, uid) == after
            if position:
                zola.open(f"{attempt}/{position}")
                assert plain(zola.heading()) == plain(before)

    with live.site.reading() as session:
        versions = dict(
            session.execute(
                select(Question.kind, func.count())
                .join(QuestionVersion, QuestionVersion.question_id == Question.id)
                .where(Question.uid.in_([uid for uid, _ in chosen.values()]), QuestionVersion.number > 1)
                .group_by(Question.kind)
            ).all()
        )
    assert set(versions) == set(chosen)


@SCRIPT
def test_a_draft_that_is_not_ready_says_at_its_field_what_is_missing(
    chromium: Browser, live: Live, script: bool
) -> None:
    email = f"careless-{script}@example.org".lower()
    live.person(email, role="trainer", teaches=True)
    with phone(chromium, live, script=script) as trainer:
        trainer.sign_in(email)
        trainer.open(f"{BANK}/year-of-the-plan")
        trainer.page.locator("#value").fill("nineteen")
        trainer.page.get_by_role("button", name="Publish version").click()
        expect(trainer.page.locator("#refused")).to_be_visible()
        expect(trainer.page.locator("#value")).to_have_value("nineteen")
        trainer.page.locator("#refused a").first.click()
        assert trainer.page.url.endswith("#value")


# --- the admin -------------------------------------------------------------------------------------------------------


def completed(live: Live, email: str, *, confirmed: bool = True) -> Person:
    """Somebody who has met every rule of the shipped course."""
    now = clock.now()
    name = email.partition("@")[0].replace("-", " ").title()
    named = {"certificate_name": name, "name_confirmed_at": now} if confirmed else {}
    person = live.person(email, name=name, **named)
    with live.site.writing() as session:
        course = session.scalars(select(Course).where(Course.slug == COURSE)).one()
        session.add(Enrolment(course_id=course.id, person_id=person.id, enrolled_at=now))
        records.complete(
            session,
            person_id=person.id,
            subject=subject_of(COURSE),
            facts={
                "title": dict(course.title),
                "statement": dict(course.papers[0]["statement"]),
                "minutes": 60,
                "score": 0.9,
            },
            now=now,
        )
    return person


def serials(live: Live, person: Person) -> list[str]:
    with live.site.reading() as session:
        return list(session.scalars(select(Certificate.serial).where(Certificate.person_id == person.id)))


def acts(live: Live, person: Person) -> list[str]:
    """What the audit log says an admin did."""
    with live.site.reading() as session:
        return list(session.scalars(select(AuditEntry.act).where(AuditEntry.actor_id == person.id)))


def issue_to_all(admin: Phone) -> None:
    admin.open("/admin/certificates")
    admin.press("Choose all who wait")
    admin.page.locator("main form .acts button").first.click()
    expect(admin.page).to_have_url(re.compile("/admin/certificates/issued/"))


@SCRIPT
def test_an_admin_changes_a_role_issues_attests_and_revokes(chromium: Browser, live: Live, script: bool) -> None:
    mark = "with" if script else "without"
    ready, unnamed = (
        completed(live, f"ready-{mark}@example.org"),
        completed(live, f"unnamed-{mark}@example.org", confirmed=False),
    )
    boss = live.person(f"admin-{mark}@example.org", role="admin")
    with phone(chromium, live, script=script) as admin:
        admin.sign_in(boss.email)

        admin.open("/admin/people")
        admin.sees(ready.email)
        admin.page.get_by_role("link", name=ready.name).click()
        admin.press("Change the role")
        admin.page.get_by_label("Role", exact=True).select_option("trainer")
        admin.page.locator("main form .acts button").first.click()
        admin.sees("The role is changed.")

        issue_to_all(admin)
        issued = serials(live, ready)
        assert len(issued) == 1
        assert serials(live, unnamed) == []
        admin.open("/admin/certificates?state=waiting+for+name")
        admin.sees(unnamed.email)
        issue_to_all(admin)
        assert serials(live, ready) == issued  # a second time is harmless

        admin.open(f"/admin/people/{unnamed.id}")
        admin.press("Attest the name")
        admin.fill("Name as it will be printed", "Unnamed No More")
        admin.page.get_by_role("button", name="Attest the name").click()
        admin.sees("Write a reason.")
        expect(admin.page.locator("#name")).to_have_value("Unnamed No More")
        admin.fill("Reason", "I saw the passport.")
        admin.page.get_by_role("button", name="Attest the name").click()
        admin.sees("The name is attested.")
        issue_to_all(admin)
        assert len(serials(live, unnamed)) == 1

        admin.open(f"/admin/certificates/{issued[0]}/revoke")
        admin.fill("Reason", "Somebody else took the quiz.")
        admin.page.locator("main form .acts button").first.click()
        admin.sees("The certificate is revoked.")
        admin.open("/admin/audit")
        for words in ("Certificate revoked", "Somebody else took the quiz.", "Role changed", "I saw the passport."):
            admin.sees(words)

    with phone(chromium, live, script=script) as stranger:
        stranger.open(f"/certificates/{issued[0]}")
        stranger.sees("This certificate was revoked.")
        stranger.sees("Somebody else took the quiz.")
        assert stranger.context.cookies() == []
    done = acts(live, boss)
    for act in ("person.role_changed", "person.name_attested", "certificate.issued", "certificate.revoked"):
        assert act in done, done
