"""What the pages of learning print: frozen values, worked out once, with every address in them."""

from courses.learning.pages.certificate import CertificatePage, certificate_page
from courses.learning.pages.course import about_page, course_page, home_page, welcome_page
from courses.learning.pages.lesson import LessonPage, after_lesson, lesson_page, missing_activity_page, module_page
from courses.learning.pages.parts import Action, Words

__all__ = [
    "Action",
    "CertificatePage",
    "LessonPage",
    "Words",
    "about_page",
    "after_lesson",
    "certificate_page",
    "course_page",
    "home_page",
    "lesson_page",
    "missing_activity_page",
    "module_page",
    "welcome_page",
]
