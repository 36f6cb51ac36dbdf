"""The pages of the booklet as XHTML, one a lesson: small files open quickly on small phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from courses.booklet.contents import Activity, Booklet, Lesson, Module, Note, Part
from courses.booklet.epub.blocks import Writer
from courses.booklet.epub.places import (
    ABOUT,
    CONTENTS,
    COVER,
    FAQ,
    GLOSSARY,
    KEY,
    NOTES,
    file_of,
    id_of,
    key_file,
    key_id,
    places_of,
    sheet_file,
)
from courses.booklet.epub.xhtml import Content, element
from courses.hooks import PaperItem, PaperPart
from lms.text.drawings import read_drawing
from lms.text.localised import Localised
from lms.typesetting.codes import qr_code


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the book; ``inside`` are those below it in the table of contents, which follow it."""

    name: str
    title: Localised
    xhtml: bytes
    inside: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """All files that are read, in their order. The table of contents itself stands behind the ``front``."""

    front: tuple[Page, ...]
    contents: bytes
    body: tuple[Page, ...]
    back: tuple[Page, ...]
    drawings: Mapping[str, bytes]  # SVG by the name of its file

    @property
    def in_order(self) -> tuple[tuple[str, bytes], ...]:
        """Name and XHTML of each file."""
        body = _flat((*self.body, *self.back))
        return (*_flat(self.front), (CONTENTS, self.contents), *body)


def _flat(pages: Sequence[Page]) -> tuple[tuple[str, bytes], ...]:
    return tuple(entry for page in pages for entry in ((page.name, page.xhtml), *_flat(page.inside)))


def pages_of(booklet: Booklet) -> Pages:
    """Write every page of the booklet."""
    writer = Writer(booklet, dict(places_of(booklet)), around=booklet.language)
    front = (_cover(writer), _about(writer))
    body = tuple(_part(writer, part) for part in booklet.parts)
    # The notes lead back to where they are called, so they come after all that calls them.
    back = tuple(page for make in (_glossary, _faq, _notes, _key) if (page := make(writer)) is not None)
    return Pages(front, _contents(writer, front, body, back), body, back, writer.drawings)


def _page(
    writer: Writer,
    title: Localised,
    *content: Content,
    kind: str = "",
    role: str = "",
    inside: Sequence[Page] = (),
) -> Page:
    """A page called ``title`` in the table of contents; ``kind`` is one of EPUB's, ``role`` DPUB-ARIA's name for it."""
    attributes = {"epub:type": kind, "role": role, "aria-labelledby": "title" if role else ""}
    xhtml = writer.document(title.text, element("section", attributes, *content))
    return Page(writer.page, title, xhtml, tuple(inside))


def _own(writer: Writer, key: str) -> Localised:
    return Localised(writer.booklet.say(key), writer.booklet.words_language)


def _cover(writer: Writer) -> Page:
    booklet, writer = writer.booklet, writer.on(COVER)
    return _page(
        writer,
        booklet.title,
        writer.heading(booklet.title),
        writer.text("p", booklet.summary),
        element("p", None, writer.say("version", version=booklet.version, day=booklet.made_on)),
        element("p", None, writer.say("on_the_web"), ": ", writer.link(booklet.address, booklet.address)),
        element("p", None, writer.say("licence", licence=booklet.licence)),
        kind="titlepage",
    )


def _about(writer: Writer) -> Page:
    booklet, writer = writer.booklet, writer.on(ABOUT)
    title = _own(writer, "about")
    return _page(
        writer,
        title,
        writer.heading(title),
        writer.text("p", booklet.summary),
        element("p", None, writer.say("hours", hours=f"{booklet.hours:g}")),
        writer.section("audience", booklet.audience),
        writer.section("origin", booklet.origin),
        element("h2", None, writer.say("licence", licence=booklet.licence)),
        writer.blocks(booklet.licence_text),
        kind="preamble",
    )


def _part(writer: Writer, part: Part) -> Page:
    writer = writer.on(f"part-{part.number}.xhtml")
    inside = [_module(writer, module) for module in part.modules]
    number = writer.booklet.say("part", number=part.number)
    return _page(
        writer,
        replace(part.title, text=f"{number} – {part.title.text}"),
        element("p", None, number),
        writer.heading(part.title),
        _listed(writer, inside),
        kind="part",
        role="doc-part",
        inside=inside,
    )


def _listed(writer: Writer, pages: Sequence[Page]) -> Element:
    """Links to pages, whose titles begin with their numbers."""
    rows = (element("li", None, writer.link(page.name, writer.title("span", page.title))) for page in pages)
    return element("ul", {"class": "plain"}, rows)


def _module(writer: Writer, module: Module) -> Page:
    writer = writer.on(file_of(module.place))
    title = replace(module.title, text=f"{module.number}. {module.title.text}")
    number = element("p", None, writer.say("module", number=module.number))
    if not module.ready:
        waiting = element("p", None, writer.say("in_preparation"))
        return _page(writer, title, number, writer.heading(module.title), waiting, kind="chapter", role="doc-chapter")
    inside = [
        *(_lesson(writer, lesson) for lesson in module.lessons),
        *([_sheet(writer, module)] if module.worksheet else []),
        *(_activity(writer, activity) for activity in module.activities),
    ]
    minutes = writer.say("module_minutes", lessons=len(module.lessons), minutes=module.minutes)
    objectives = [writer.listed(objective) for objective in module.objectives]
    return _page(
        writer,
        title,
        number,
        writer.heading(module.title),
        element("p", {"class": "small"}, minutes),
        writer.text("p", module.opening),
        (element("h2", None, writer.say("objectives")), element("ul", None, objectives)) if objectives else None,
        element("h2", None, writer.say("contents")),
        _listed(writer, inside),
        writer.section("title_origin", module.title_origin),
        writer.section("derives", module.seminar),
        _reading(writer, module),
        kind="chapter",
        role="doc-chapter",
        inside=inside,
    )


def _reading(writer: Writer, module: Module) -> Content:
    if not module.sources:
        return None
    rows = (
        element(
            "li",
            None,
            writer.link(one.url, element("bdi", None, one.title)) if one.url else element("bdi", None, one.title),
            ((", ", element("bdi", None, part)) for part in (one.publisher, one.year) if part),
        )
        for one in module.sources
    )
    return element("h2", None, writer.say("reading")), element("ul", None, rows)


def _lesson(writer: Writer, lesson: Lesson) -> Page:
    number = writer.booklet.say("lesson", number=lesson.number)
    writer = writer.on(file_of(lesson.place), number)
    inside = writer.within(lesson.language)
    title = Localised(lesson.title, lesson.language)
    is_translated = lesson.language == writer.booklet.language
    drawing = read_drawing(qr_code(lesson.address).encode())
    code = writer.drawing(drawing, writer.booklet.say("qr", number=lesson.number, address=lesson.address))
    code.set("class", "code")
    return _page(
        writer,
        replace(title, text=f"{lesson.number} {title.text}"),
        element("p", {"class": "small"}, number, " · ", writer.say("minutes", minutes=lesson.minutes)),
        writer.heading(title),
        None if is_translated else element("p", {"class": "small"}, writer.say("not_translated")),
        writer.text("p", lesson.lead, {"class": "lead"}),
        element("div", writer.lang(lesson.language), inside.blocks(lesson.blocks)),
        element("hr"),
        element("p", {"class": "small"}, writer.link(lesson.address, writer.say("open_page"))),
        element("p", None, code),
        kind="chapter",
        role="doc-chapter",
    )


def _sheet(writer: Writer, module: Module) -> Page:
    writer = writer.on(sheet_file(module))
    title = _own(writer, "worksheet")
    return _page(writer, title, writer.heading(title), writer.blocks(module.worksheet))


def _activity(writer: Writer, activity: Activity) -> Page:
    writer = writer.on(file_of(activity.place))
    label = element("p", {"class": "small"}, activity.label)
    paper = activity.paper
    if paper is None:
        before, _, behind = writer.booklet.words["not_on_paper"].partition("%(address)s")
        where = element("p", None, before, writer.link(activity.address, activity.address), behind)
        return _page(writer, activity.title, label, writer.heading(activity.title), where)
    content: list[Content] = [writer.text("p", paper.intro)]
    numbers = iter(range(1, 1 + sum(len(part.items) for part in paper.parts)))
    for part in paper.parts:
        items = [_asked(writer, item, next(numbers), part, numbered=paper.numbered) for item in part.items]
        words = writer.text("p", part.text)
        together = {"class": "case"} if paper.numbered and words is not None else {}
        content += [writer.text("h2", part.heading), element("div", together, words, items)]
    if paper.example is not None:
        content.append(writer.section("example", paper.example))
    content.append(writer.criteria(paper.criteria))
    if activity.has_key:
        content.append(writer.to_key(activity.key))
    web = element(
        "p", {"class": "small"}, writer.say("on_the_web"), ": ", writer.link(activity.address, activity.address)
    )
    return _page(writer, activity.title, label, writer.heading(activity.title), content, web)


def _asked(writer: Writer, item: PaperItem, number: int, part: PaperPart, *, numbered: bool) -> Element:
    title = None
    if numbered:
        title = element("h3" if part.heading is not None else "h2", None, writer.say("question", number=number))
    kind = "question" if numbered else "field"
    return element("div", {"class": kind, "id": f"question-{number}"}, title, writer.asked(item))


def _glossary(writer: Writer) -> Page | None:
    if not writer.booklet.glossary:
        return None
    writer = writer.on(GLOSSARY)
    title = _own(writer, "glossary")
    numbers = {lesson.place: lesson.number for lesson in writer.booklet.lessons}
    rows: list[Content] = []
    for entry in writer.booklet.glossary:
        links = [writer.link(writer.where[place], numbers[place]) for place in entry.lessons]
        used = element("span", {"class": "small"}, " (", _with_commas(links), ")") if links else None
        definition = writer.text("span", entry.definition)
        rows += [
            element("dt", {"id": id_of(entry.id)}, writer.title("dfn", entry.term)),
            element("dd", None, definition, used),
        ]
    return _page(writer, title, writer.heading(title), element("dl", None, rows), kind="glossary", role="doc-glossary")


def _with_commas(many: Sequence[Element]) -> Content:
    return ((", " if place else None, one) for place, one in enumerate(many))


def _faq(writer: Writer) -> Page | None:
    modules = [module for module in writer.booklet.modules if module.faq]
    if not modules:
        return None
    writer = writer.on(FAQ)
    title = _own(writer, "faq")
    content: list[Content] = []
    for module in modules:
        words = writer.title("span", module.title)
        content.append(element("h2", None, f"{module.number}. ", writer.link(file_of(module.place), words)))
        for one in module.faq:
            content += [writer.text("h3", one.question), writer.text("p", one.answer)]
    return _page(writer, title, writer.heading(title), content, kind="qna", role="doc-qna")


def _notes(writer: Writer) -> Page | None:
    if not writer.booklet.notes:
        return None
    writer = writer.on(NOTES)
    title = _own(writer, "notes")
    rows = (_note(writer, note) for note in writer.booklet.notes)
    return _page(writer, title, writer.heading(title), element("ol", None, rows), kind="endnotes", role="doc-endnotes")


def _note(writer: Writer, note: Note) -> Element:
    source: Content = element("bdi", None, note.source)
    if note.address:
        source = writer.link(note.address, source)
    says = writer.booklet.say
    grade = f"{says(f'grade_{note.grade.lower()}')}, {says('read' if note.read else 'not_read')}"
    calls = [
        element("a", {"href": address, "role": "doc-backlink", "class": "back"}, label)
        for address, label in writer.calls.get(note.number, ())
    ]
    return element(
        "li",
        {"id": f"note-{note.number}", "epub:type": "endnote"},
        element(
            "p", None, source, ((", ", element("bdi", None, part)) for part in (note.publisher, note.year) if part)
        ),
        element("p", {"class": "small"}, writer.say("as_of", moment=note.as_of) if note.as_of else None, " ", grade),
        element("p", {"class": "small"}, _with_commas(calls)) if calls else None,
    )


def _key(writer: Writer) -> Page | None:
    inside = [_key_of(writer, module) for module in writer.booklet.modules if module.has_key]
    if not inside:
        return None
    writer = writer.on(KEY)
    title = _own(writer, "key")
    return _page(writer, title, writer.heading(title), _listed(writer, inside), inside=inside)


def _key_of(writer: Writer, module: Module) -> Page:
    writer = writer.on(key_file(module))
    content: list[Content] = []
    for lesson in module.lessons:
        answered = [(check, check.item) for check in lesson.checks if check.item is not None]
        if answered:
            words = writer.title("span", Localised(lesson.title, lesson.language))
            content.append(element("h2", None, f"{lesson.number} ", writer.link(writer.where[lesson.place], words)))
        for check, item in answered:
            back = writer.link(writer.where[check.place], writer.say("check", number=check.number))
            content.append(element("h3", {"id": key_id(check.place)}, back))
            content.append(writer.solution(item))
    for activity in module.activities:
        if activity.paper is None or not activity.has_key:
            continue
        file = writer.where[activity.place]
        words = writer.title("span", activity.title)
        content.append(element("h2", {"id": key_id(activity.place)}, writer.link(file, words)))
        items = [item for part in activity.paper.parts for item in part.items]
        for number, item in enumerate(items, start=1):
            back = writer.link(f"{file}#question-{number}", writer.say("question", number=number))
            content += [element("h3", None, back), writer.solution(item)]
    title = replace(module.title, text=f"{module.number}. {module.title.text}")
    return _page(writer, title, element("p", None, writer.say("key")), writer.heading(title), content)


def _contents(writer: Writer, front: Sequence[Page], body: Sequence[Page], back: Sequence[Page]) -> bytes:
    """The navigation document: what a reader's menu shows, and a page of the book as well."""
    title = _own(writer, "contents")
    toc = element(
        "nav",
        {"epub:type": "toc", "role": "doc-toc", "aria-labelledby": "title"},
        writer.heading(title),
        _entries(writer, (*front[1:], *body, *back)),
    )
    kinds = {GLOSSARY: "glossary", FAQ: "qna", NOTES: "endnotes"}
    marks = [
        ("titlepage", front[0]),
        ("bodymatter", body[0]),
        *((kinds[page.name], page) for page in back if page.name in kinds),
    ]
    rows = [
        element("li", None, element("a", {"epub:type": "toc", "href": CONTENTS}, title.text)),
        *(
            element("li", None, element("a", {"epub:type": kind, "href": page.name}, writer.title("span", page.title)))
            for kind, page in marks
        ),
    ]
    landmarks = element("nav", {"epub:type": "landmarks", "hidden": "hidden"}, element("ol", None, rows))
    return writer.document(title.text, toc, landmarks)


def _entries(writer: Writer, pages: Sequence[Page]) -> Element:
    rows = (
        element(
            "li",
            None,
            writer.link(page.name, writer.title("span", page.title)),
            _entries(writer, page.inside) if page.inside else None,
        )
        for page in pages
    )
    return element("ol", None, rows)
