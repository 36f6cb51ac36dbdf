"""The plugin door: what a third party gets wrong is quarantined and the site runs; what a built-in does is refused."""

from __future__ import annotations

import itertools
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lms.errors import StartRefused
from lms.plugins import loading
from lms.plugins.loading import Plugins
from lms.records import services as records
from lms.testing import Site

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HEAD = """
import sys, click
from pathlib import Path
from flask import Blueprint
from lms.plugins import About, JobKind, MigrationHistory, NavigationItem, Permission, TemplateFolder, hookimpl
from lms.web.permissions import requires
about = About(name="{name}", title="A test", version="1")
"""
_numbers = itertools.count(1)

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a plugin of one module: its metadata and its code are found on the path, as pip leaves them."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = []

    def write(code: str, *, name: str = "faulty", head: str = HEAD) -> str:
        module = f"lantern_test_plugin_{next(_numbers)}"
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(head.replace("{name}", name) + textwrap.dedent(code))
        described = tmp_path / f"{module}-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(f"[lms.plugins.v1]\n{name} = {module}\n")
        return module

    yield write
    for module in modules:
        sys.modules.pop(module, None)


FAULTS = {
    "raises at import": ("raise RuntimeError('out of order')", r"failed while loading: RuntimeError: out of order"),
    "ends the process at import": ("sys.exit(3)", r"failed while loading: SystemExit: 3"),
    "says nothing of itself": ("del about", r"it has no `about = About"),
    "has another name than its entry point": (
        "about = About(name='other', title='x', version='1')",
        r"its entry point must be named 'other'",
    ),
    "misspells a hook": ("@hookimpl\ndef lms_navigations():\n    return []", r"there is no hook 'lms_navigations'"),
    "takes an argument that a hook has not": (
        "@hookimpl\ndef lesson_completed(lesson):\n    pass",
        r"its hooks do not fit",
    ),
    "has a hook that raises": (
        "@hookimpl\ndef lms_navigation():\n    raise ValueError('no menu')",
        r"lms_navigation failed: ValueError: no menu",
    ),
    "has a hook that gives nothing": ("@hookimpl\ndef lms_navigation():\n    return None", r"lms_navigation failed"),
    "has a hook that gives something else": (
        "@hookimpl\ndef lms_permissions():\n    return ['courses.read']",
        r"lms_permissions gives a str, not a Permission",
    ),
    "takes a permission of ours": (
        "@hookimpl\ndef lms_permissions():\n    return [Permission(name='courses.author', who='anyone')]",
        r"lms_permissions: the name 'courses.author' is taken by 'courses'",
    ),
    "gives one name twice": (
        """
        @hookimpl
        def lms_permissions():
            return [Permission(name='x.y', who='anyone'), Permission(name='x.y', who='admin')]
        """,
        r"the name 'x.y' is taken by 'faulty'",
    ),
    "has two histories": (
        """
        @hookimpl
        def lms_migrations():
            return [MigrationHistory(versions=Path('a')), MigrationHistory(versions=Path('b'))]
        """,
        r"a plugin has one history at most",
    ),
    "has a table under another name": (
        """
        from lms.database.base import Model
        from sqlalchemy.orm import Mapped, mapped_column
        class Essay(Model):
            __tablename__ = 'essay'
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
        r"its table 'essay' must be named ext_faulty_",
    ),
    "has a table of ours again": (
        """
        from lms.database.base import Model
        from sqlalchemy.orm import Mapped, mapped_column
        class Essay(Model):
            __tablename__ = 'person'
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
        r"failed while loading: InvalidRequestError",
    ),
    "has a relationship that leads nowhere": (
        """
        from lms.database.base import Model
        from sqlalchemy.orm import Mapped, mapped_column, relationship
        class Essay(Model):
            __tablename__ = 'ext_faulty_essay'
            id: Mapped[int] = mapped_column(primary_key=True)
            marks = relationship('NobodyHasThisClass')
        """,
        r"failed while loading: InvalidRequestError",
    ),
    "has a page that says not whom it is for": (
        """
        bp = Blueprint('faulty_pages', __name__)
        @bp.get('/faulty')
        def page():
            return 'open to everybody'
        @hookimpl
        def lms_blueprints():
            return [bp]
        """,
        r"the page faulty_pages.page does not say with @requires whom it is for",
    ),
    "has a page that requires what is no permission": (
        """
        bp = Blueprint('faulty_pages', __name__)
        @bp.get('/faulty')
        @requires('courses.raed')
        def page():
            return 'open to everybody'
        @hookimpl
        def lms_blueprints():
            return [bp]
        """,
        r"requires 'courses.raed', which is no permission",
    ),
    "takes the name of our pages": (
        """
        bp = Blueprint('courses', __name__)
        @bp.get('/faulty')
        @requires('lms.anyone')
        def page():
            return 'ours now'
        @hookimpl
        def lms_blueprints():
            return [bp]
        """,
        r"the name 'courses' is taken by 'courses'",
    ),
    "breaks when its pages are joined on": (
        """
        bp = Blueprint('faulty_pages', __name__)
        bp.record(lambda state: 1 / 0)
        @hookimpl
        def lms_blueprints():
            return [bp]
        """,
        r"could not be joined on: ZeroDivisionError",
    ),
    "links to a page that is not there": (
        "@hookimpl\ndef lms_navigation():\n    return [NavigationItem(name='x', label='X', endpoint='x.y')]",
        r"navigation 'x' leads to 'x.y', which no view has",
    ),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("code", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_third_party_that_fails_is_quarantined_and_the_site_runs(
    site_with: Callable[..., Site], install: Install, code: str, reason: str
) -> None:
    install(code)
    install(
        """
        @hookimpl
        def lms_jobs():
            return [JobKind(name="sound.work", run=lambda session, payload: None)]
        """,
        name="sound",
    )

    site = site_with(third_party=True)

    plugins: Plugins = site.app.extensions["lms.plugins"]
    (fault,) = plugins.quarantined
    assert fault.name == "faulty"
    assert re.search(reason, fault.reason), fault.reason
    assert [about.name for about in plugins.loaded] == ["lms", "courses", "quizzes", "sound"]
    assert "sound.work" in [kind.name for kind in plugins.collect("lms_jobs")]
    trainer = site.browser(site.person(role="trainer"))
    assert trainer.get("/healthz").status_code == 200
    assert trainer.get("/privacy").status_code == 200
    assert trainer.get("/faulty").status_code in (403, 404)
    assert site.browser().get("/faulty").status_code in (303, 404)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "fault", ["has a table under another name", "has a relationship that leads nowhere", "raises at import"]
)
def test_a_fault_in_the_models_is_a_fault_the_next_time_too(
    site_with: Callable[..., Site], install: Install, fault: str
) -> None:
    install(FAULTS[fault][0])
    first, second = (site_with(third_party=True).app.extensions["lms.plugins"].quarantined for _ in range(2))

    assert first == second
    assert len(first) == 1


@pytest.mark.sqlite_only
def test_of_two_plugins_with_one_name_the_second_is_quarantined_and_the_first_works(
    site_with: Callable[..., Site], install: Install
) -> None:
    told = """
    told = []
    @hookimpl
    def course_completed(event):
        told.append(event.subject)
    """
    first, second = install(told, name="twin"), install(told, name="twin")
    site = site_with(third_party=True)
    complete(site, "course:1")

    plugins: Plugins = site.app.extensions["lms.plugins"]
    assert [fault.name for fault in plugins.quarantined] == ["twin"]
    assert (sys.modules[first].told, sys.modules[second].told) == (["course:1"], [])


@pytest.mark.sqlite_only
def test_one_module_under_two_names_works_under_the_first(
    site_with: Callable[..., Site], install: Install, tmp_path: Path
) -> None:
    module = install("told = []\n@hookimpl\ndef course_completed(event):\n    told.append(event.subject)", name="one")
    again = tmp_path / "again-1.0.dist-info"
    again.mkdir()
    (again / "METADATA").write_text("Metadata-Version: 2.1\nName: again\nVersion: 1.0\n")
    (again / "entry_points.txt").write_text(f"[lms.plugins.v1]\nother = {module}\n")
    site = site_with(third_party=True)
    complete(site, "course:1")

    assert [fault.name for fault in site.app.extensions["lms.plugins"].quarantined] == ["other"]
    assert sys.modules[module].told == ["course:1"]


@pytest.mark.sqlite_only
def test_a_plugin_that_fails_at_an_event_stops_neither_the_others_nor_the_work(
    site_with: Callable[..., Site], install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    told = "told = []\n@hookimpl\ndef course_completed(event):\n    told.append(event.subject)"
    before = install(told, name="anna")
    install("@hookimpl\ndef course_completed(event):\n    raise RuntimeError('deaf')", name="bert")
    after = install(told, name="carl")
    site = site_with(third_party=True)

    person = complete(site, "course:1")

    assert (sys.modules[before].told, sys.modules[after].told) == (["course:1"], ["course:1"])
    assert "plugin bert failed at course_completed" in caplog.text
    with site.reading() as session:
        assert records.of_person(session, person_id=person, subject="course:1") is not None


@pytest.mark.sqlite_only
def test_a_plugin_that_is_dropped_is_no_longer_told(site_with: Callable[..., Site], install: Install) -> None:
    module = install(
        """
        told = []
        @hookimpl
        def course_completed(event):
            told.append(event.subject)
        @hookimpl
        def lms_navigation():
            return [NavigationItem(name='x', label='X', endpoint='x.y')]
        """
    )
    site = site_with(third_party=True)
    complete(site, "course:1")

    assert sys.modules[module].told == []


@pytest.mark.sqlite_only
def test_no_plugin_is_told_of_what_was_rolled_back(site_with: Callable[..., Site], install: Install) -> None:
    module = install("told = []\n@hookimpl\ndef course_completed(event):\n    told.append(event.subject)", name="ear")
    site = site_with(third_party=True)
    person = site.person().id
    with pytest.raises(ZeroDivisionError), site.writing() as session:
        records.complete(session, person_id=person, subject="course:1", facts={}, now=NOON)
        raise ZeroDivisionError

    assert sys.modules[module].told == []


@pytest.mark.sqlite_only
def test_plugins_are_left_out_by_name_or_all_together(site_with: Callable[..., Site], install: Install) -> None:
    ran = install("", name="quiet")
    without = site_with(third_party=True, without_plugins=("quiet",))
    none = site_with(third_party=False)

    assert [fault.name for fault in without.app.extensions["lms.plugins"].quarantined] == ["quiet"]
    assert none.app.extensions["lms.plugins"].quarantined == []
    assert ran not in sys.modules


BUILT_IN_FAULTS = {
    "misspells a hook": "@hookimpl\ndef lms_navigations():\n    return []",
    "raises at import": "raise RuntimeError('out of order')",
    "says nothing of itself": "del about",
    "has a hook that raises": "@hookimpl\ndef lms_navigation():\n    return 1 / 0",
    "takes a name": "@hookimpl\ndef lms_permissions():\n    return [Permission(name='courses.author', who='anyone')]",
}


@pytest.mark.parametrize("code", BUILT_IN_FAULTS.values(), ids=BUILT_IN_FAULTS)
def test_a_built_in_that_fails_refuses_the_start_in_one_sentence(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    module = install(code)
    monkeypatch.setattr(loading, "BUILT_IN", (*loading.BUILT_IN, module))

    with pytest.raises(StartRefused, match=f"^The built-in plugin {module} is faulty: .+") as refusal:
        Plugins(third_party=False)
    assert "\n" not in str(refusal.value)


def test_every_hook_says_what_its_list_holds() -> None:
    plugins = Plugins(third_party=False)

    kinds = {hook: plugins._kind_of(hook) for hook in plugins._collecting}

    assert kinds["lms_permissions"].__name__ == "Permission"
    assert all(isinstance(kind, type) for kind in kinds.values())


def test_contributions_are_sorted_by_order_and_then_by_plugin(install: Install) -> None:
    item = "NavigationItem(name='{0}', label='x', endpoint='x', order={1})"
    for name, order in (("zoe", 1), ("abe", 50), ("bea", 50)):
        install(f"@hookimpl\ndef lms_navigation():\n    return [{item.format(name, order)}]", name=name)

    found = [entry.name for entry in Plugins(third_party=True).collect("lms_navigation")]

    assert [name for name in found if name in ("zoe", "abe", "bea")] == ["zoe", "abe", "bea"]
    assert found[0] == "zoe"


def complete(site: Site, subject: str) -> int:
    person = site.person().id
    with site.writing() as session:
        records.complete(session, person_id=person, subject=subject, facts={}, now=NOON)
    return person
