"""What admins and commands do with people."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lms.accounts import services
from lms.accounts.passwords import passwords_at
from lms.audit.models import AuditEntry
from lms.errors import Invalid, NotFound, Refused
from lms.testing import Site
from tests.lms.accounts.doors import PASSWORD, devices, is_signed_in, person

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HASHING = passwords_at("test")


def test_a_person_is_added_with_a_role(site: Site) -> None:
    with site.writing() as session:
        services.add_person(
            session,
            email="Trainer@Example.org",
            name=" Tariq  Aziz ",
            password=PASSWORD,
            role="trainer",
            email_verified=True,
            hashing=HASHING,
            now=NOW,
        )

    added = person(site, "trainer@example.org")
    assert (added.name, added.role, added.email_verified_at, added.consented_at) == ("Tariq Aziz", "trainer", NOW, None)
    assert HASHING.matches(added.password_hash, PASSWORD)
    assert _acts(site) == [("person.added", None, f"person:{added.id}")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"name": "\u200b"}, "name"),
        ({"password": "password1"}, "password"),
        ({"role": "owner"}, "role"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"country": "ZZ"}, "country"),
    ],
)
def test_a_person_with_a_value_that_cannot_be_is_not_added(site: Site, changes: dict[str, str], field: str) -> None:
    values = {"email": "a@example.org", "name": "Asha", "password": PASSWORD, **changes}

    with pytest.raises(Invalid) as refused, site.writing() as session:
        services.add_person(session, **values, hashing=HASHING, now=NOW)

    assert refused.value.field == field


def test_an_address_that_has_an_account_is_not_added_again(site: Site) -> None:
    site.person(email="asha@example.org")

    with pytest.raises(Refused, match="has an account already"), site.writing() as session:
        services.add_person(session, email="ASHA@example.org", name="Asha", password=PASSWORD, hashing=HASHING, now=NOW)


def test_a_changed_role_is_audited_and_ends_the_persons_sign_ins(site: Site) -> None:
    admin, someone, other = site.person(role="admin"), site.person(), site.person()
    browser, others = site.browser(someone), site.browser(other)

    with site.writing() as session:
        services.change_role(session, person_id=someone.id, role="trainer", actor_id=admin.id, now=NOW)

    assert person(site, someone.email).role == "trainer"
    assert not is_signed_in(browser)
    assert is_signed_in(others)
    assert _acts(site) == [("person.role_changed", admin.id, f"person:{someone.id}")]


def test_the_same_role_again_changes_nothing(site: Site) -> None:
    someone = site.person()
    site.browser(someone)

    with site.writing() as session:
        services.change_role(session, person_id=someone.id, role="participant", actor_id=None, now=NOW)

    assert devices(site, someone.id) == 1
    assert _acts(site) == []


def test_the_last_admin_stays_admin_and_open(site: Site) -> None:
    admin = site.person(role="admin")
    site.person(role="admin", suspended_at=NOW)

    with pytest.raises(Refused, match="last admin"), site.writing() as session:
        services.change_role(session, person_id=admin.id, role="trainer", actor_id=admin.id, now=NOW)
    with pytest.raises(Refused, match="last admin"), site.writing() as session:
        services.suspend(session, person_id=admin.id, actor_id=admin.id, reason="leaves", now=NOW)

    site.person(role="admin")
    with site.writing() as session:
        services.change_role(session, person_id=admin.id, role="trainer", actor_id=admin.id, now=NOW)
    assert person(site, admin.email).role == "trainer"


def test_two_admins_who_demote_each_other_at_once_do_not_both_succeed(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first, second = site.person(role="admin"), site.person(role="admin")

    def demote(pair: tuple[int, int]) -> bool:
        try:
            with site.writing() as session:
                services.change_role(session, person_id=pair[1], role="participant", actor_id=pair[0], now=NOW)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(demote, [(first.id, second.id), (second.id, first.id)]))

    assert sorted(done) == [False, True]


def test_an_unknown_role_and_an_unknown_person_are_refused(site: Site) -> None:
    someone = site.person()

    with pytest.raises(Invalid), site.writing() as session:
        services.change_role(session, person_id=someone.id, role="root", actor_id=None, now=NOW)
    with pytest.raises(NotFound), site.writing() as session:
        services.change_role(session, person_id=10**6, role="admin", actor_id=None, now=NOW)


def test_an_admins_word_verifies_an_address_with_a_reason(site: Site) -> None:
    admin, someone = site.person(role="admin"), site.person(verified=False)

    with pytest.raises(Invalid), site.writing() as session:
        services.attest_email(session, person_id=someone.id, actor_id=admin.id, reason=" \n", now=NOW)
    with site.writing() as session:
        services.attest_email(session, person_id=someone.id, actor_id=admin.id, reason="Met in class.", now=NOW)

    assert person(site, someone.email).email_verified_at == NOW
    with site.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.act, entry.reason, entry.actor_id) == ("person.email_attested", "Met in class.", admin.id)


def test_a_name_for_certificates_is_confirmed_or_attested(site: Site) -> None:
    admin, someone, other = site.person(role="admin"), site.person(), site.person()

    with site.writing() as session:
        services.confirm_certificate_name(session, person_id=someone.id, name=" Asha\u202e  Mwangi ", now=NOW)
        services.attest_certificate_name(
            session, person_id=other.id, name="Любовь Ким", actor_id=admin.id, reason="Passport seen.", now=NOW
        )

    assert person(site, someone.email).certificate_name == "Asha Mwangi"
    assert person(site, someone.email).name_confirmed_at == NOW
    assert person(site, other.email).certificate_name == "Любовь Ким"
    assert _acts(site) == [("person.name_attested", admin.id, f"person:{other.id}")]


def test_a_suspended_person_is_reinstated_with_a_reason(site: Site) -> None:
    admin, someone = site.person(role="admin"), site.person()

    with site.writing() as session:
        services.suspend(session, person_id=someone.id, actor_id=admin.id, reason="Shared account.", now=NOW)
    assert person(site, someone.email).suspended_at == NOW
    with site.writing() as session:
        services.reinstate(session, person_id=someone.id, actor_id=admin.id, reason="Cleared up.", now=NOW)

    assert person(site, someone.email).suspended_at is None
    assert [act for act, _, _ in _acts(site)] == ["person.suspended", "person.reinstated"]


def test_people_are_listed_in_pages_by_name(site: Site) -> None:
    for number in range(120):
        site.person(name=f"Person {number:03}", email=f"p{number}@example.org")

    with site.statements() as statements, site.reading() as session:
        page = services.people_page(session, page=3)
    with site.reading() as session:
        beyond = services.people_page(session, page=99)

    assert (page.total, page.pages, page.number, page.first, page.last) == (120, 3, 3, 101, 120)
    assert page.people[0].name == "Person 100"
    assert beyond == page
    assert len(statements) == 2


def test_people_are_found_by_a_part_of_name_or_address_and_by_role(site: Site) -> None:
    site.person(name="Asha 100%", email="asha@example.org")
    site.person(name="Tariq", email="tariq@school.example", role="trainer")

    def names(**wanted: str) -> list[str]:
        with site.reading() as session:
            return [one.name for one in services.people_page(session, **wanted).people]

    assert names(search="ASHA") == ["Asha 100%"]
    assert names(search="school") == ["Tariq"]
    assert names(search="%") == ["Asha 100%"]
    assert names(search="_") == []
    assert names(role="trainer") == ["Tariq"]
    assert names(role="trainer", search="asha") == []


def _acts(site: Site) -> list[tuple[str, int | None, str]]:
    with site.reading() as session:
        rows = session.execute(select(AuditEntry.act, AuditEntry.actor_id, AuditEntry.about).order_by(AuditEntry.id))
        return [(row.act, row.actor_id, row.about) for row in rows]
