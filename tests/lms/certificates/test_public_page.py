"""Anybody can check a certificate: no account, no cookie, every line of the paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from lms import clock
from lms.certificates import services
from lms.certificates.models import Certificate
from lms.certificates.serials import grouped
from lms.testing import BASE_URL, Site
from tests.factories.completions import NOW, finisher, issue

HOSTILE = (Path(__file__).parents[1] / "text" / "hostile.txt").read_text(encoding="utf-8").splitlines()
LATER = NOW + timedelta(days=3)


def visible(html: str) -> str:
    """The words of a page's main part, in one line."""
    main = re.sub(r"<svg.*?</svg>", "", html[html.index("<main") :], flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_case_35_the_page_shows_every_line_of_the_paper(site: Site) -> None:
    certificate = issue(site, finisher(site))

    with clock.fixed(datetime(2026, 12, 1, 9, 5, tzinfo=UTC)):
        words = visible(site.browser().get(f"/certificates/{certificate.serial}").text)

    for line in (
        "This certificate stands. Checked just now: 1 December 2026, 09:05 UTC.",
        "Awarded to Example Participant",
        "For completing A made-up course",
        "What the person did has read every lesson and passed every quiz.",
        "Completed on 23 November 2026",
        "Issued on 23 November 2026",
        "Hours of learning About 1 hour",
        "Issued by Lantern",
        "Result 87%",
        "Version 1",
        f"Certificate number {grouped(certificate.serial)}",
        "23 November 2026: issued.",
        "certifies nothing",
        certificate.pdf_sha256,
    ):
        assert line in words


def test_case_35_no_field_of_the_paper_is_left_out(site: Site) -> None:
    """A fact that is added to the paper must be added to the page as well."""
    certificate = issue(site, finisher(site))
    shown = {
        "person_name", "course_title", "statement", "issuer", "hours", "completed_on", "issued_on", "serial",
        "address", "demonstration", "score", "version", "paper_title",
    }  # fmt: skip
    how = {"language", "title_language", "statement_language"}

    assert set(certificate.facts) == shown | how


def test_case_40_the_page_needs_no_account_sets_no_cookie_and_asks_nobody_else(site: Site) -> None:
    certificate = issue(site, finisher(site))

    response = site.browser().get(f"/certificates/{certificate.serial}")

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert response.headers["X-Robots-Tag"] == "noindex"
    outside = [
        address
        for address in re.findall(r"(?:src|href|action)=\"([^\"]+)\"", response.text)
        if not address.startswith(("/", "#")) or address.startswith("//")
    ]
    assert outside == []


def test_the_email_address_is_not_on_the_page(site: Site) -> None:
    person = finisher(site)

    response = site.browser().get(f"/certificates/{issue(site, person).serial}")

    assert person.email not in response.text


@pytest.mark.parametrize(
    "write",
    [str.lower, grouped, lambda serial: grouped(serial).lower(), lambda serial: serial.replace("0", "O")],
    ids=["small letters", "dashes", "both", "O for 0"],
)
def test_a_number_as_people_write_it_leads_to_its_one_address(site: Site, write, monkeypatch) -> None:
    monkeypatch.setattr("lms.certificates.services.issuing.new_serial", lambda: "4J7QK2MX9T0VBNH8RDYCW5E3A6")
    serial = issue(site, finisher(site)).serial

    response = site.browser().get(f"/certificates/{write(serial)}")

    assert (response.status_code, response.headers["Location"]) == (301, f"/certificates/{serial}")


@pytest.mark.parametrize(
    "number",
    ["4J7QK2MX9T0VBNH8RDYCW5E3A6", "nonsense", "4J7QK2MX9T0VBNH8RDYCW5E3A", "a" * 300, "<script>", "٣" * 26],
)
def test_an_unknown_and_an_impossible_number_get_one_answer(site: Site, number: str) -> None:
    response = site.browser().get(f"/certificates/{number}")

    assert response.status_code == 404
    assert "<h1>We know no certificate with this number.</h1>" in response.text
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in response.headers
    assert "<script>" not in response.text


def test_the_form_leads_to_the_page(site: Site) -> None:
    serial = issue(site, finisher(site)).serial
    browser = site.browser()

    empty = browser.get("/certificates")
    found = browser.get("/certificates", query_string={"number": f" {grouped(serial).lower()} "})
    missing = browser.get("/certificates", query_string={"number": "no such number"})

    assert "<h1>Check a certificate</h1>" in empty.text
    assert (found.status_code, found.headers["Location"]) == (303, f"/certificates/{serial}")
    assert missing.status_code == 404
    assert 'value="no such number"' in missing.text


def test_case_28_trying_numbers_is_slowed_down_and_checking_is_not(site_with) -> None:
    site = site_with(limits=True)
    serial = issue(site, finisher(site)).serial
    browser = site.browser()

    answers = [browser.get(f"/certificates/{number:026d}").status_code for number in range(125)]

    assert (answers[0], answers[119], answers[124]) == (404, 404, 429)
    assert browser.get(f"/certificates/{serial}").status_code == 200


def test_a_revoked_one_says_when_why_and_by_what_kind_of_person(site: Site) -> None:
    admin = site.person(role="admin", name="Secret Admin")
    serial = issue(site, finisher(site)).serial
    with site.writing() as session:
        services.revoke(session, serial=serial, reason="Issued to the wrong person.", actor_id=admin.id, now=LATER)

    words = visible(site.browser().get(f"/certificates/{serial}").text)

    assert "This certificate was revoked. On 26 November 2026, by an admin of Lantern ." in words
    assert "Reason given: Issued to the wrong person." in words
    assert "Awarded to Example Participant" in words
    assert "26 November 2026: revoked." in words
    assert "stands" not in words
    assert "Secret Admin" not in words


def corrected(site: Site, serial: str, name: str = "Corrected Name") -> str:
    with site.writing() as session:
        return services.correct(
            session,
            serial=serial,
            name=name,
            reason="A private reason.",
            config=site.config,
            actor_id=None,
            now=LATER,
        ).serial


def test_a_replaced_one_leads_to_the_version_that_stands(site: Site) -> None:
    first = issue(site, finisher(site)).serial
    second = corrected(site, first)

    old, new = (site.browser().get(f"/certificates/{serial}").text for serial in (first, second))

    assert "A newer version of this certificate stands." in visible(old)
    assert "The name was corrected on 26 November 2026." in visible(old)
    assert f'href="/certificates/{second}">See the version that stands' in old
    assert "Awarded to Example Participant" in visible(old)
    assert "This certificate stands." in visible(new)
    assert "Awarded to Corrected Name" in visible(new)
    assert f'href="/certificates/{first}">See version 1' in new
    assert "A private reason." not in old + new


def test_whoever_holds_an_old_version_sees_that_the_newest_was_revoked(site: Site) -> None:
    first = issue(site, finisher(site)).serial
    second = corrected(site, first)
    with site.writing() as session:
        services.revoke(session, serial=second, reason="A reason.", actor_id=None, now=LATER)

    words = visible(site.browser().get(f"/certificates/{first}").text)

    assert "This certificate was revoked." in words
    assert "stands" not in words


def test_case_48_hostile_text_is_shown_and_never_read_as_html(site: Site) -> None:
    """A reason is free text: each line of the corpus stays text."""
    serial = issue(site, finisher(site)).serial
    browser, open_ones = site.browser(), []
    for text in HOSTILE:
        with site.writing() as session:
            session.execute(update(Certificate).values(revoked_at=LATER, revoked_reason=text))

        html = browser.get(f"/certificates/{serial}").text

        reason = html.split("Reason given:", 1)[1].split("<bdi>", 1)[1].split("</p></div></div></div>", 1)[0]
        if "<" in reason.removesuffix("</bdi>") or ">" in reason.removesuffix("</bdi>"):
            open_ones.append(text)

    assert len(HOSTILE) > 100
    assert open_ones == []


def test_the_page_costs_two_statements(site: Site) -> None:
    first = issue(site, finisher(site)).serial
    corrected(site, corrected(site, first), "Third Name")
    browser = site.browser()
    browser.get(f"/certificates/{first}")

    with site.statements() as seen:
        browser.get(f"/certificates/{first}")

    assert len(seen) == 2


def test_the_qr_code_of_the_page_is_its_own_address(site: Site) -> None:
    import segno

    serial = issue(site, finisher(site)).serial
    code = segno.make(f"{BASE_URL}/certificates/{serial}", micro=False, error="m")

    assert code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None) in (
        site.browser().get(f"/certificates/{serial}").text
    )
