"""Security case 74: which passwords can be chosen, and how they are kept."""

import time

import pytest

from lms.accounts import passwords
from lms.accounts.passwords import Passwords, check_new, common_passwords, is_common, passwords_at
from lms.errors import Invalid
from lms.testing import Site
from tests.lms.accounts.doors import PASSWORD, form, person, sign_in

ASHA = {"email": "asha.mwangi@example.org", "name": "Asha Mwangi"}


@pytest.mark.parametrize(
    "password",
    [
        "seven se",
        "x" * 3 + "lampe-und-mehr" * 14,
        "нелёгкий путь",
        "مصباح الطريق الطويل",
        "🏮🏮 lantern 🏮🏮",
        "with a \x00 in it",
        "        nine spaces first",
        "\ud800 half a sign",
        "'; DROP TABLE person; --",
    ],
    ids=["eight", "199", "cyrillic", "arabic", "emoji", "nul", "spaces", "surrogate", "sql"],
)
def test_case_74_any_signs_make_a_password(password: str) -> None:
    check_new(password, **ASHA)

    stored = passwords_at("test").hash(password)

    assert passwords_at("test").matches(stored, password)
    assert not passwords_at("test").matches(stored, password + "x")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("7 signs", "at least"),
        ("a" * 100 + "b" * 101, "at most"),
        ("password", "Many people"),
        ("PassWord123", "Many people"),
        ("12345678", "Many people"),
        ("qwertyuiop", "Many people"),
        ("aaaaaaaaaaaa", "Many people"),
        ("abcabcabcabc", "Many people"),
        ("0987654321", "Many people"),
        ("asha.mwangi@example.org", "your name"),
        ("asha.mwangi", "your name"),
        ("AshaMwangi", "your name"),
        ("mwangi123456", "your name"),
        ("Asha Mwangi!", "your name"),
    ],
)
def test_case_74_short_common_and_own_words_are_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        check_new(password, **ASHA)


def test_case_74_the_list_is_read_from_a_file_and_holds_the_best_known() -> None:
    known = {
        "123456",
        "password",
        "123456789",
        "qwerty",
        "12345678",
        "111111",
        "iloveyou",
        "abc123",
        "letmein",
        "dragon",
    }

    assert known <= common_passwords()
    assert len(common_passwords()) > 2000
    assert not any(line.startswith("#") for line in common_passwords() if " " in line)
    assert not is_common(PASSWORD)


def test_two_spellings_of_one_letter_are_one_password() -> None:
    stored = passwords_at("test").hash("café au lait")

    assert passwords_at("test").matches(stored, "cafe\u0301 au lait")


@pytest.mark.parametrize(
    "stored", [None, "!", "", "$2b$12$abcdefghijklmnopqrstuv"], ids=["nobody", "none", "empty", "foreign"]
)
def test_what_is_no_hash_of_ours_matches_nothing(stored: str | None) -> None:
    assert not passwords_at("test").matches(stored, "the password of nobody")


def test_case_71_checking_nobodys_password_costs_as_much_as_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing = Passwords("full")
    stored = hashing.hash(PASSWORD)

    def seconds(of: str | None) -> float:
        begin = time.process_time()
        for _ in range(5):
            hashing.matches(of, "not the password")
        return time.process_time() - begin

    known, unknown = seconds(stored), seconds(None)

    assert 1 / 3 < unknown / known < 3


def test_a_password_is_kept_by_argon2id_at_the_cost_that_is_documented() -> None:
    assert passwords.passwords_at("full").hash("x" * 8).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_an_older_cost_is_made_anew_at_the_next_sign_in(site: Site) -> None:
    someone = site.person(password_hash=passwords_at("full").hash(PASSWORD))

    response = sign_in(site.browser(), someone)

    kept = person(site, someone.email).password_hash
    assert response.status_code == 303
    assert kept != someone.password_hash
    assert not passwords_at("test").is_outdated(kept)
    assert sign_in(site.browser(), someone).status_code == 303


def test_case_74_the_form_refuses_a_common_password_and_does_not_show_it_again(site: Site) -> None:
    response = site.browser().post("/register", form(password="football123"))

    assert response.status_code == 422
    assert "Many people use this password" in response.text
    assert "football123" not in response.text


def test_case_74_password_managers_find_their_fields_and_paste_is_not_hindered(site: Site) -> None:
    sign_in_page = site.browser().get("/sign-in").text
    register_page = site.browser().get("/register").text

    assert 'autocomplete="current-password"' in sign_in_page
    assert 'autocomplete="username"' in sign_in_page
    assert 'autocomplete="new-password"' in register_page
    assert "maxlength" not in register_page
    assert "onpaste" not in register_page
