"""The kinds of activities and self-checks that a site knows, as its plugins bring them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from courses.hooks import ActivityType, SelfChecks

if TYPE_CHECKING:
    from courses.packages.content import CoursePackage


def activity_types(app: Flask) -> Mapping[str, ActivityType]:
    """The kinds of activities that the app's plugins bring."""
    types: list[ActivityType] = app.extensions["lms.plugins"].collect("course_activity_types")
    return {one.kind: one for one in types}


def self_checks(app: Flask) -> list[SelfChecks]:
    """Those who put self-checks into lessons."""
    found: list[SelfChecks] = app.extensions["lms.plugins"].collect("course_self_checks")
    return found


def check_servers(app: Flask, package: CoursePackage) -> dict[str, SelfChecks]:
    """Who serves each kind of self-check of a package; in the app's context."""
    kinds = {check.kind for module in package.modules for check in module.checks}
    return {kind: one for kind in kinds for one in reversed(self_checks(app)) if one.problems(kind, {}) is not None}


def read(app: Flask, package: Path | Mapping[str, str]) -> CoursePackage:
    """Read a package with all kinds that the app knows, in its context; raises BadPackage."""
    from courses.packages.reading import read_package  # where it is used: a web process reads none

    checkers = {kind: one.checker for kind, one in activity_types(app).items()}
    return read_package(package, activity_checkers=checkers, check_checkers=self_checks(app))
