"""Why the certificate is or is not yet theirs, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass

from courses.learning.pages.parts import Action, ActivityAddress, Words, step_action
from courses.learning.services import (
    CertificateState,
    PaperState,
    Rule,
    next_step,
)
from courses.outline.services import Outline
from lms.errors import N_
from lms.text.localised import Localised


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    state: str
    title: str
    sentence: str
    href: str = ""
    link: str = ""


def rule_entries(
    outline: Outline, rules: tuple[Rule, ...], words: Words, address: ActivityAddress
) -> tuple[RuleEntry, ...]:
    """A paper's rules with the number that counts and the link that mends them; the order never changes."""
    entries = []
    for rule in rules:
        nearest = step_action(outline, rule.missing[0], words, address) if rule.missing else None
        entries.append(
            RuleEntry(
                state="on" if rule.met else "here" if rule.have else "off",
                title=_rule_title(rule, words),
                sentence=_rule_sentence(rule, words),
                href=nearest.href if nearest else "",
                link=nearest.label if nearest else "",
            )
        )
    return tuple(entries)


_RULE_TITLES = {
    "lessons_done": N_("Read the lessons and mark them as done"),
    "modules_read": N_("Read enough modules, with each lesson marked as done"),
    "quizzes_passed": N_("Pass the quizzes of the modules"),
    "worksheets_done": N_("Hand in the worksheets"),
}


def _rule_title(rule: Rule, words: Words) -> str:
    if rule.rule != "activities_done":
        return words(_RULE_TITLES[rule.rule], need=rule.need)
    titles = ", ".join(f"“{words.said(activity.titles).text}”" for activity in rule.activities)
    if all(activity.kind == "worksheet" for activity in rule.activities):
        return words(N_("Hand in %(titles)s"), titles=titles)
    return words(N_("Finish %(titles)s"), titles=titles)


def _rule_sentence(rule: Rule, words: Words) -> str:
    have, need = rule.have, rule.need
    match rule.rule:
        case "lessons_done":
            return words.ngettext(
                "%(have)s of %(num)s lesson is done.", "%(have)s of %(num)s lessons are done.", need, have=have
            )
        case "quizzes_passed":
            return words.ngettext(
                "%(have)s of %(num)s quiz is passed.", "%(have)s of %(num)s quizzes are passed.", need, have=have
            )
        case "worksheets_done":
            return words.ngettext(
                "%(have)s of %(num)s worksheet is handed in.",
                "%(have)s of %(num)s worksheets are handed in.",
                need,
                have=have,
            )
        case "modules_read":
            return words(N_("Modules read: %(have)s of %(need)s."), have=have, need=need)
        case _:
            return words(N_("Done: %(have)s of %(need)s."), have=have, need=need)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntry:
    """One paper of a course with its own rules."""

    id: str
    title: Localised
    words: str
    rules: tuple[RuleEntry, ...]
    serial: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePage:
    """Why each certificate is or is not yet theirs. ``may_claim``: only the name is open, or nothing.

    Where the course has one paper, ``rules`` has its rules and the two that every paper has, and ``papers`` is empty;
    else each paper has its own and ``rules`` the two. ``serial`` is that of the only paper.
    """

    course_slug: str
    title: Localised
    heading: str
    lead: str
    enrolled: bool
    papers: tuple[PaperEntry, ...]
    rules: tuple[RuleEntry, ...]
    go: Action | None
    may_claim: bool
    may_confirm: bool
    name: str
    name_confirmed: bool
    serial: str | None


def certificate_page(state: CertificateState, words: Words, address: ActivityAddress) -> CertificatePage:
    """The rules of each paper, then the two that every certificate has: the address and the name."""
    outline = state.outline
    own = tuple(rule_entries(outline, paper.rules, words, address) for paper in state.papers)
    rules = _rules_of_every_paper(state, words)
    heading, lead = words(N_("Your certificates, rule by rule")), words(N_("What you have met stays met."))
    papers: tuple[PaperEntry, ...] = ()
    if len(state.papers) == 1:
        rules = (*own[0], *rules)
        heading, lead = _heading(state.papers[0], rules, words)
    else:
        papers = tuple(
            PaperEntry(
                id=paper.id,
                title=words.said(paper.titles),
                words=_paper_words(paper, entries, words),
                rules=entries,
                serial=paper.serial,
            )
            for paper, entries in zip(state.papers, own, strict=True)
        )
    go = None
    if state.progress.enrolled and not all(paper.completed_at for paper in state.papers):
        go = step_action(outline, next_step(outline, state.progress), words, address)
    unissued = [paper for paper in state.papers if paper.serial is None]
    return CertificatePage(
        course_slug=outline.slug,
        title=words.said(outline.short_titles),
        heading=heading,
        lead=lead,
        enrolled=state.progress.enrolled,
        papers=papers,
        rules=rules,
        go=go,
        may_claim=state.email_verified and any(all(rule.met for rule in paper.rules) for paper in unissued),
        may_confirm=bool(unissued),
        name=state.name,
        name_confirmed=state.name_confirmed,
        serial=state.papers[0].serial if len(state.papers) == 1 else None,
    )


def _rules_of_every_paper(state: CertificateState, words: Words) -> tuple[RuleEntry, ...]:
    return (
        RuleEntry(
            state="on" if state.email_verified else "off",
            title=words(N_("Show that your e-mail address is yours")),
            sentence=words(N_("Your address is verified."))
            if state.email_verified
            else words(N_("Open the link in our mail, or ask for a new mail.")),
            href="" if state.email_verified else "/verify",
            link="" if state.email_verified else words(N_("Ask for a new mail")),
        ),
        RuleEntry(
            state="on" if state.name_confirmed else "off",
            title=words(N_("Confirm how your name is printed")),
            sentence=words(N_("You confirmed your name."))
            if state.name_confirmed
            else words(N_("Check the name on this page and confirm it.")),
            href="" if state.name_confirmed else "#name",
            link="" if state.name_confirmed else words(N_("Check my name")),
        ),
    )


def _heading(paper: PaperState, rules: tuple[RuleEntry, ...], words: Words) -> tuple[str, str]:
    """The heading and the lead of a page with one paper."""
    still_open = sum(rule.state != "on" for rule in rules)
    if paper.serial:
        return words(N_("Your certificate is issued.")), words(N_("Anybody can check it, without an account."))
    if still_open == 0:
        lead = words(N_("Check your name once more and get your certificate."))
        return words(N_("Every rule is met.")), lead
    heading = (
        words(N_("Your certificate is one step away."))
        if still_open == 1
        else words(N_("Your certificate is %(steps)s steps away."), steps=still_open)
    )
    return heading, f"{_met_words(rules, words)} {words(N_('What you have met stays met.'))}"


def _met_words(rules: tuple[RuleEntry, ...], words: Words) -> str:
    met = sum(rule.state == "on" for rule in rules)
    return words(N_("Rules met: %(met)s of %(all)s."), met=met, all=len(rules))


def _paper_words(paper: PaperState, rules: tuple[RuleEntry, ...], words: Words) -> str:
    if paper.serial:
        return words(N_("Your certificate is issued."))
    if all(rule.state == "on" for rule in rules):
        return words(N_("Every rule is met."))
    return _met_words(rules, words)
