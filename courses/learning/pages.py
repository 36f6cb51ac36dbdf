"""What the pages of learning print: frozen values, worked out once, with every address in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.numbers import format_decimal

from courses.booklet import FORMATS
from courses.hooks import Offer
from courses.learning.services import (
    CertificateState,
    LampState,
    NextStep,
    OpenLesson,
    PaperState,
    Progress,
    Rule,
    lamp_of,
    next_step,
    rules_of,
)
from courses.outline.services import Outline, OutlineActivity, OutlineLesson, OutlineModule
from lms.errors import N_
from lms.text.localised import Localised, Text, pick
from lms.text.markdown import CHECK_PLACE
from lms.web.languages import locale_of

ActivityAddress = Callable[[Outline, OutlineModule, OutlineActivity], str]
Translate = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a page turns message ids and language maps into words."""

    language: str
    translate: Translate

    def __call__(self, message: str, **values: object) -> str:
        return self.translate(message, **values)

    def said(self, text: Text) -> Localised:
        return pick(text, (self.language,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lesson or an activity in a list; ``here``: "page" on the page itself, "step" where one is to go on."""

    number: str
    title: str
    href: str
    words: str
    here: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleEntry:
    number: int
    title: Localised
    lamp: LampState
    words: str
    href: str
    rows: tuple[Row, ...]
    open: bool
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEntry:
    number: int
    title: Localised
    modules: tuple[ModuleEntry, ...]
    in_preparation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button or link: its words, where it leads, and a small line below."""

    label: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file with its size in words, so that people know what it costs before they ask for it."""

    label: str
    href: str
    language: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class String:
    """The string of lanterns and what it says in words."""

    groups: tuple[tuple[str, tuple[LampState, ...]], ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEntry:
    """A course in the catalogue."""

    slug: str
    title: Localised
    summary: Localised
    href: str
    ready: str
    in_preparation: str
    languages: str
    enrolled: bool
    words: str
    about: Action | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    courses: tuple[CourseEntry, ...]
    string: String | None
    first_lesson: Action | None
    go_on: Action | None
    signed_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage:
    slug: str
    title: Localised
    summary: Localised
    origin: Localised
    audience: Localised
    string: String
    words: str
    enrolled: bool
    signed_in: bool
    go: Action | None
    certificate: Action | None
    links: tuple[Action, ...]
    offers: tuple[Offer, ...]
    parts: tuple[PartEntry, ...]
    facts: tuple[tuple[str, str], ...]
    begun: bool
    welcome: Action | None
    about: Action | None
    booklets: tuple[Download, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    course_slug: str
    module_slug: str
    lesson_slug: str
    crumbs: tuple[tuple[str, str], ...]
    module_title: Localised
    steps: tuple[str, ...]
    steps_label: str
    language: str
    title: str
    lead: str
    html: str
    minutes: int
    place: str
    size: str
    revised_on: date
    rows: tuple[Row, ...]
    rows_label: str
    done: bool
    enrolled: bool
    signed_in: bool
    forward: Action
    back: Action | None
    fallback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    state: str
    title: str
    sentence: str
    href: str = ""
    link: str = ""


def course_address(outline: Outline) -> str:
    return f"/courses/{outline.slug}"


def lesson_address(outline: Outline, module: OutlineModule, lesson: OutlineLesson) -> str:
    return f"/courses/{outline.slug}/{module.slug}/{lesson.slug}"


def step_action(outline: Outline, step: NextStep, words: Words, address: ActivityAddress) -> Action | None:
    """The next step as a button; None where only the certificate is left."""
    if step.module is not None and step.lesson is not None:
        return Action(
            label=words(N_("Go on with lesson %(number)s"), number=step.lesson.number),
            href=lesson_address(outline, step.module, step.lesson),
            note=words.said(step.lesson.titles).text,
        )
    if step.module is not None and step.activity is not None:
        return Action(
            label=words(
                N_("Go on with the worksheet of module %(number)s")
                if step.activity.kind == "worksheet"
                else N_("Go on with the quiz of module %(number)s"),
                number=step.module.number,
            ),
            href=address(outline, step.module, step.activity),
        )
    return None


def string_of(outline: Outline, progress: Progress, words: Words, *, guest: bool = False) -> String:
    """The lanterns of a course. For a guest the first is half lit: start here."""
    groups = []
    counts = {"on": 0, "here": 0, "off": 0, "prep": 0}
    for part in outline.parts:
        states: list[LampState] = []
        for module in part.modules:
            state = lamp_of(progress, module)
            counts[state] += 1
            states.append(state)
        groups.append((words.said(part.titles).text, tuple(states)))
    if guest and groups and groups[0][1][:1] == ("off",):
        groups[0] = (groups[0][0], ("here", *groups[0][1][1:]))
    label = words(
        N_(
            "%(all)s modules: %(done)s finished, %(begun)s begun, %(waiting)s not begun, %(preparation)s in preparation"
        ),
        all=len(outline.modules),
        done=counts["on"],
        begun=counts["here"],
        waiting=counts["off"],
        preparation=counts["prep"],
    )
    return String(groups=tuple(groups), label=label)


def finished_words(outline: Outline, progress: Progress, words: Words) -> str:
    finished = sum(progress.has_finished(module) for module in outline.ready)
    if len(outline.ready) == 1:
        return words(
            N_("You have finished the module that is ready.")
            if finished
            else N_("One module is ready; you have not finished it yet.")
        )
    if len(outline.ready) == len(outline.modules):
        return words(
            N_("You have finished %(finished)s of %(ready)s modules."), finished=finished, ready=len(outline.ready)
        )
    return words(
        N_("You have finished %(finished)s of the %(ready)s modules that are ready."),
        finished=finished,
        ready=len(outline.ready),
    )


def reading_time(outline: Outline, words: Words) -> str:
    """The lessons that are ready: in minutes, from two hours on in hours."""
    minutes = sum(lesson.minutes for _, lesson in outline.lessons)
    if minutes < 120:
        return words(N_("About %(minutes)s minutes"), minutes=minutes)
    return words(N_("About %(hours)s hours"), hours=round(minutes / 60))


def module_rows(
    outline: Outline,
    module: OutlineModule,
    progress: Progress,
    words: Words,
    address: ActivityAddress,
    *,
    on_page: int | None = None,
    step: NextStep | None = None,
) -> tuple[Row, ...]:
    """A module's lessons and activities as rows, each with its state or its length in words.

    ``on_page`` is the lesson beside which the rows stand: there is room for the state alone. ``step`` is the next
    step, which is marked if it is one of them.
    """
    here = step.lesson.id if step and step.lesson else None
    rows = [
        Row(
            number=lesson.number,
            title=words.said(lesson.titles).text,
            href=lesson_address(outline, module, lesson),
            words=_lesson_words(lesson, progress, words, here=here, length=on_page is None),
            here="page" if lesson.id == on_page else "step" if lesson.id == here else "",
        )
        for lesson in module.lessons
    ]
    for activity in module.activities:
        result = progress.results.get(activity.id)
        said = ""
        next_one = step is not None and step.activity is not None and step.activity.id == activity.id
        if next_one:
            said = words(N_("You are here"))
        if result is not None:
            said = words(N_("Passed") if result.passed else N_("Not passed yet"))
            if activity.kind == "worksheet":
                said = words(N_("Handed in"))
        kind, title = (
            words(N_("Worksheet") if activity.kind == "worksheet" else N_("Quiz")),
            words.said(activity.titles),
        )
        rows.append(
            Row(
                number="" if title.text.startswith(kind) else kind,
                title=title.text,
                href=address(outline, module, activity),
                words=said,
                here="step" if next_one else "",
            )
        )
    return tuple(rows)


def _lesson_words(lesson: OutlineLesson, progress: Progress, words: Words, *, here: int | None, length: bool) -> str:
    if lesson.id in progress.done:
        return words(N_("Done"))
    if lesson.id == here:
        return words(N_("You are here"))
    return words(N_("%(minutes)s minutes"), minutes=lesson.minutes) if length else ""


def _module_words(module: OutlineModule, progress: Progress, words: Words) -> str:
    if not module.ready:
        return words(N_("In preparation"))
    if not progress.enrolled:
        minutes = sum(lesson.minutes for lesson in module.lessons)
        return words(N_("%(lessons)s lessons, about %(minutes)s minutes"), lessons=len(module.lessons), minutes=minutes)
    said = [words(N_("%(done)s of %(all)s lessons done."), done=progress.done_in(module), all=len(module.lessons))]
    for activity in module.activities:
        result = progress.results.get(activity.id)
        if result is not None and activity.kind != "worksheet":
            said.append(words(N_("Quiz: %(score)s."), score=f"{result.score:.0%}"))
    if progress.has_finished(module):
        said.insert(0, words(N_("Finished.")))
    return " ".join(said)


def part_entries(outline: Outline, progress: Progress, words: Words, address: ActivityAddress) -> tuple[PartEntry, ...]:
    step = next_step(outline, progress) if progress.enrolled else None
    here = step.module if step else next(iter(outline.ready), None)
    entries = []
    for part in outline.parts:
        modules = tuple(
            ModuleEntry(
                number=module.number,
                title=words.said(module.titles),
                lamp=lamp_of(progress, module),
                words=_module_words(module, progress, words),
                href=f"{course_address(outline)}/{module.slug}" if module.ready else "",
                rows=module_rows(outline, module, progress, words, address, step=step) if module.ready else (),
                open=here is not None and module.id == here.id,
                ready=module.ready,
            )
            for module in part.modules
        )
        entries.append(
            PartEntry(
                number=part.number,
                title=words.said(part.titles),
                modules=modules,
                in_preparation=not any(module.ready for module in part.modules),
            )
        )
    return tuple(entries)


def lesson_page(
    opened: OpenLesson, words: Words, address: ActivityAddress, *, signed_in: bool, slot: Callable[[str], str]
) -> LessonPage:
    """One lesson with its place, its neighbours and what to do next; ``slot`` gives the place of a self-check."""
    outline, module, lesson, body, progress = (
        opened.outline,
        opened.module,
        opened.lesson,
        opened.body,
        opened.progress,
    )
    lessons = module.lessons
    place = next(number for number, one in enumerate(lessons, start=1) if one.id == lesson.id)
    steps = tuple("on" if one.id in progress.done else "here" if one.id == lesson.id else "off" for one in lessons)
    place_words = words(N_("Lesson %(place)s of %(all)s"), place=place, all=len(lessons))
    return LessonPage(
        course_slug=outline.slug,
        module_slug=module.slug,
        lesson_slug=lesson.slug,
        crumbs=(
            (words.said(outline.short_titles).text, course_address(outline)),
            (words(N_("Module %(number)s"), number=module.number), f"{course_address(outline)}/{module.slug}"),
        ),
        module_title=words.said(module.titles),
        steps=steps,
        steps_label=words(
            N_("Lesson %(place)s of %(all)s; %(done)s done"),
            place=place,
            all=len(lessons),
            done=progress.done_in(module),
        ),
        language=body.language,
        title=body.title,
        lead=body.lead,
        html=CHECK_PLACE.sub(lambda place: slot(f"check-{place[1]}"), body.html),
        minutes=lesson.minutes,
        place=place_words,
        size=words(N_("%(size)s KB"), size=-(-body.size_bytes // 1024)),
        revised_on=body.revised_on,
        rows=module_rows(outline, module, progress, words, address, on_page=lesson.id),
        rows_label=words(N_("Module %(number)s"), number=module.number),
        done=lesson.id in progress.done,
        enrolled=progress.enrolled,
        signed_in=signed_in,
        forward=_forward(outline, module, place, words, address),
        back=_back(outline, module, place, words),
        fallback=body.language != words.language,
    )


def _forward(outline: Outline, module: OutlineModule, place: int, words: Words, address: ActivityAddress) -> Action:
    if place < len(module.lessons):
        following = module.lessons[place]
        return Action(
            label=words(N_("Go on")),
            href=lesson_address(outline, module, following),
            note=words(
                N_("Next: %(number)s %(title)s"), number=following.number, title=words.said(following.titles).text
            ),
        )
    if module.activities:
        activity = module.activities[0]
        return Action(
            label=words(N_("Go on")),
            href=address(outline, module, activity),
            note=words(N_("Next: %(title)s"), title=words.said(activity.titles).text),
        )
    return Action(label=words(N_("Go on")), href=course_address(outline), note=words(N_("Next: the course page")))


def _back(outline: Outline, module: OutlineModule, place: int, words: Words) -> Action | None:
    if place == 1:
        return None
    before = module.lessons[place - 2]
    return Action(
        label=words(N_("Back to %(number)s"), number=before.number),
        href=lesson_address(outline, module, before),
        note=words.said(before.titles).text,
    )


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
                sentence=words(_RULE_SENTENCES[rule.rule], have=rule.have, need=rule.need),
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
_RULE_SENTENCES = {
    "lessons_done": N_("%(have)s of %(need)s lessons are done."),
    "modules_read": N_("Modules read: %(have)s of %(need)s."),
    "quizzes_passed": N_("%(have)s of %(need)s quizzes are passed."),
    "worksheets_done": N_("%(have)s of %(need)s worksheets are handed in."),
    "activities_done": N_("Done: %(have)s of %(need)s."),
}


def _rule_title(rule: Rule, words: Words) -> str:
    if rule.rule != "activities_done":
        return words(_RULE_TITLES[rule.rule], need=rule.need)
    titles = ", ".join(f"“{words.said(activity.titles).text}”" for activity in rule.activities)
    if all(activity.kind == "worksheet" for activity in rule.activities):
        return words(N_("Hand in %(titles)s"), titles=titles)
    return words(N_("Finish %(titles)s"), titles=titles)


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


def home_page(
    found: Sequence[tuple[Outline, Progress]], words: Words, address: ActivityAddress, *, signed_in: bool
) -> HomePage:
    """The catalogue; the string and the first lesson are those of the first course, or of the one under way."""
    under_way = next(((outline, progress) for outline, progress in found if progress.enrolled), None)
    shown = under_way or (found[0] if found else None)
    first = None
    if shown and shown[0].lessons:
        module, lesson = shown[0].lessons[0]
        first = Action(label=words(N_("Read the first lesson")), href=lesson_address(shown[0], module, lesson))
    go_on = None
    if under_way:
        step = step_action(under_way[0], next_step(*under_way), words, address)
        go_on = step or Action(
            label=words(N_("See your certificate")), href=f"{course_address(under_way[0])}/certificate"
        )
    return HomePage(
        courses=tuple(_course_entry(outline, progress, words) for outline, progress in found),
        string=string_of(shown[0], shown[1], words, guest=not shown[1].enrolled) if shown else None,
        first_lesson=first,
        go_on=go_on,
        signed_in=signed_in,
    )


def _course_entry(outline: Outline, progress: Progress, words: Words) -> CourseEntry:
    ready = len(outline.ready)
    return CourseEntry(
        slug=outline.slug,
        title=words.said(outline.short_titles),
        summary=words.said(outline.summaries),
        href=course_address(outline),
        ready=_numbers_of(outline, words, ready=True),
        in_preparation=_numbers_of(outline, words, ready=False),
        languages=", ".join(name_of_language(language) for language in outline.languages),
        enrolled=progress.enrolled,
        words=finished_words(outline, progress, words) if progress.enrolled and ready else "",
        about=_page_link(outline, "about", words),
    )


def _numbers_of(outline: Outline, words: Words, *, ready: bool) -> str:
    """ "Module 1", "Modules 2 to 15", "Modules 1, 3", or nothing."""
    numbers = [module.number for module in outline.modules if module.ready == ready]
    if not numbers:
        return ""
    if len(numbers) == 1:
        return words(N_("Module %(number)s"), number=numbers[0])
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return words(N_("Modules %(first)s to %(last)s"), first=numbers[0], last=numbers[-1])
    return words(N_("Modules %(numbers)s"), numbers=", ".join(map(str, numbers)))


def course_page(
    outline: Outline,
    progress: Progress,
    words: Words,
    address: ActivityAddress,
    *,
    signed_in: bool,
    links: Sequence[Action] = (),
    offers: Sequence[Offer] = (),
) -> CoursePage:
    """The outline with one's progress, and the one next step; ``links`` and ``offers`` are for who takes the course."""
    go = certificate = None
    if progress.enrolled:
        go = step_action(outline, next_step(outline, progress), words, address)
        met = [all(rule.met for rule in rules_of(outline, progress, paper)) for paper in outline.papers]
        certificate = Action(
            label=words(N_("Your certificate, rule by rule"))
            if len(outline.papers) == 1
            else words(N_("Your certificates, rule by rule")),
            href=f"{course_address(outline)}/certificate",
        )
        if go is None and all(met):
            go = Action(label=words(N_("Get your certificate")), href=certificate.href)
            certificate = None
    elif outline.lessons:
        module, lesson = outline.lessons[0]
        go = Action(label=words(N_("Read the first lesson")), href=lesson_address(outline, module, lesson))
    about = outline.about
    return CoursePage(
        slug=outline.slug,
        title=words.said(outline.titles),
        summary=words.said(outline.summaries),
        origin=words.said(about["origin"]),
        audience=words.said(about["audience"]),
        string=string_of(outline, progress, words, guest=not progress.enrolled),
        words=finished_words(outline, progress, words) if progress.enrolled and outline.ready else "",
        enrolled=progress.enrolled,
        signed_in=signed_in,
        go=go,
        certificate=certificate,
        links=tuple(links) if progress.enrolled else (),
        offers=tuple(offers),
        parts=part_entries(outline, progress, words, address),
        facts=(
            (words(N_("Ready to read")), _numbers_of(outline, words, ready=True) or words(N_("Nothing yet"))),
            (words(N_("Reading time")), reading_time(outline, words)),
            (words(N_("Language")), ", ".join(name_of_language(language) for language in outline.languages)),
            (words(N_("Licence")), str(about.get("licence", ""))),
            *_pretest_fact(outline, words),
        ),
        begun=bool(progress.done),
        welcome=_page_link(outline, "welcome", words),
        about=_page_link(outline, "about", words),
        booklets=downloads(outline, words),
    )


def _pretest_fact(outline: Outline, words: Words) -> tuple[tuple[str, str], ...]:
    """That there is a pre-test: all that a guest sees of it."""
    if outline.pretest is None:
        return ()
    asked = words(N_("%(number)s questions, if you like"), number=outline.pretest.about.get("asked", 0))
    return ((words(N_("Before and at the end")), asked),)


def _page_link(outline: Outline, name: str, words: Words) -> Action | None:
    """A link to a page of the course itself, if it has this one."""
    texts = outline.about.get("pages", {}).get(name)
    if not texts:
        return None
    title = words.said({language: text["title"] for language, text in texts.items()}).text
    return Action(label=title, href=f"{course_address(outline)}/{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """A page of the course itself. ``lead`` and ``html`` are safe HTML, rendered when the package was installed."""

    course_slug: str
    crumbs: tuple[tuple[str, str], ...]
    language: str
    title: str
    lead: str
    html: str
    fallback: bool
    facts: tuple[tuple[str, str], ...]
    go: Action | None = None
    modules: tuple[tuple[int, Localised, str, Localised], ...] = ()  # number, title, address, where the title is from


def _words_page(outline: Outline, name: str, words: Words, **more: Any) -> WordsPage:
    texts = outline.page(name)
    language = words.language if words.language in texts else outline.source_language
    text = texts[language]
    return WordsPage(
        course_slug=outline.slug,
        crumbs=((words.said(outline.short_titles).text, course_address(outline)),),
        language=language,
        title=text["title"],
        lead=text["lead"],
        html=text["html"],
        fallback=language != words.language,
        **more,
    )


def welcome_page(outline: Outline, progress: Progress, words: Words, address: ActivityAddress) -> WordsPage:
    """The welcome of a course, with the one step that comes next."""
    go = None
    if progress.enrolled:
        go = step_action(outline, next_step(outline, progress), words, address)
    elif outline.lessons:
        module, lesson = outline.lessons[0]
        go = Action(label=words(N_("Read the first lesson")), href=lesson_address(outline, module, lesson))
    facts = (
        (words(N_("Modules")), str(len(outline.ready))),
        (words(N_("Reading time")), reading_time(outline, words)),
        *_pretest_fact(outline, words),
    )
    return _words_page(outline, "welcome", words, facts=facts, go=go)


def about_page(outline: Outline, words: Words) -> WordsPage:
    """Who made a course, and where the title of each module is from."""
    facts = (
        (words(N_("Version")), outline.version),
        (words(N_("Licence")), str(outline.about.get("licence", ""))),
        (words(N_("Language")), ", ".join(name_of_language(language) for language in outline.languages)),
    )
    modules = tuple(
        (
            module.number,
            words.said(module.titles),
            f"{course_address(outline)}/{module.slug}",
            words.said(module.about["title_origin"]),
        )
        for module in outline.ready
        if module.about.get("title_origin")
    )
    return _words_page(outline, "about", words, facts=facts, modules=modules)


def downloads(outline: Outline, words: Words) -> tuple[Download, ...]:
    """The booklets that are made, in the language of the page first; nothing is said of those that are not."""
    several = len(outline.languages) > 1
    found = sorted(outline.booklets, key=lambda one: one.language != words.language)
    return tuple(
        Download(
            label=words(
                N_("Booklet in %(language)s, %(format)s, %(size)s") if several else N_("Booklet, %(format)s, %(size)s"),
                language=name_of_language(one.language),
                format=one.format.upper(),
                size=_megabytes(one.size_bytes, words),
            ),
            href=f"{course_address(outline)}/booklet/{one.language}.{one.format}",
            language=one.language,
            type=FORMATS[one.format],
        )
        for one in found
        if one.format in FORMATS
    )


def _megabytes(size_bytes: int, words: Words) -> str:
    """ "2.1 MB" in the reader's numbers, rounded up, so that nobody pays for more than was said."""
    tenths = max(-(-size_bytes // 100_000), 1)
    return words(N_("%(size)s MB"), size=format_decimal(tenths / 10, format="0.0", locale=locale_of(words.language)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePage:
    """A module: what one can do after it, its lessons, and what belongs to them."""

    course_slug: str
    crumbs: tuple[tuple[str, str], ...]
    number: int
    title: Localised
    words: str
    opening: Localised | None
    objectives: tuple[Localised, ...]
    rows: tuple[Row, ...]
    worksheet: Localised | None
    questions: tuple[tuple[Localised, Localised], ...]
    sources: tuple[Mapping[str, Any], ...]
    seminar: Localised | None
    title_origin: Localised | None
    go: Action | None


def module_page(
    outline: Outline, module: OutlineModule, progress: Progress, words: Words, address: ActivityAddress
) -> ModulePage:
    """Everything of a module but its lessons' texts. Texts are safe HTML, rendered when the package was installed."""
    about = module.about
    undone = next((lesson for lesson in module.lessons if lesson.id not in progress.done), None)
    go = None
    if undone is not None:
        go = Action(
            label=words(N_("Read lesson %(number)s"), number=undone.number),
            href=lesson_address(outline, module, undone),
        )

    def maybe(name: str) -> Localised | None:
        return words.said(about[name]) if about.get(name) else None

    return ModulePage(
        course_slug=outline.slug,
        crumbs=((words.said(outline.short_titles).text, course_address(outline)),),
        number=module.number,
        title=words.said(module.titles),
        words=_module_words(module, progress, words),
        opening=maybe("opening"),
        objectives=tuple(words.said(objective["text"]) for objective in about.get("objectives", ())),
        rows=module_rows(outline, module, progress, words, address),
        worksheet=maybe("worksheet"),
        questions=tuple((words.said(one["question"]), words.said(one["answer"])) for one in about.get("faq", ())),
        sources=tuple(about.get("sources", ())),
        seminar=maybe("seminar"),
        title_origin=maybe("title_origin"),
        go=go,
    )


def after_lesson(
    outline: Outline, module: OutlineModule, lesson: OutlineLesson, words: Words, address: ActivityAddress
) -> Action:
    """Where one goes on after a lesson: the next lesson, else the module's quiz, else the course page."""
    place = next(number for number, one in enumerate(module.lessons, start=1) if one.id == lesson.id)
    return _forward(outline, module, place, words, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingActivityPage:
    """An activity whose plugin is not installed any more; what was earned in it stands."""

    crumbs: tuple[tuple[str, str], ...]
    title: Localised
    kind: str


def missing_activity_page(
    outline: Outline, module: OutlineModule, activity: OutlineActivity, words: Words
) -> MissingActivityPage:
    return MissingActivityPage(
        crumbs=(
            (words.said(outline.short_titles).text, course_address(outline)),
            (words(N_("Module %(number)s"), number=module.number), f"{course_address(outline)}/{module.slug}"),
        ),
        title=words.said(activity.titles),
        kind=activity.kind,
    )


def name_of_language(tag: str) -> str:
    """A language's own name: "English", "français"; its tag where Babel does not know it."""
    return locale_of(tag).get_display_name(tag.replace("-", "_")) or tag
