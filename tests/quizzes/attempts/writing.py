"""A process of threads that write by the services for some seconds: ``python -m tests.quizzes.attempts.writing``.

Prints a line for each thread: its person, how many answers were saved, how many tries submitted, and the seconds that
the slowest save took. A fault of any thread
stands on standard error and makes the process end with 1.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from pathlib import Path

from lms import clock
from lms.testing import Site, config_for_tests
from quizzes.attempts import services
from quizzes.attempts.journal import FromDevice, FromPage, read_answer
from quizzes.attempts.receipts import receipt_key
from quizzes.attempts.saving import KeptAttempts, save
from quizzes.attempts.views import RequestDatabase
from tests.quizzes.school import TYPES

KEY = receipt_key("for tests")
SAVES = 12  # of one try: fewer than what counts as a flood
PLACE = {"course_slug": "trade", "module_slug": "basics", "activity_slug": "quiz"}


class Writer(threading.Thread):
    """Begins a try, saves by turns as a device and as a page, submits, and begins again."""

    def __init__(self, site: Site, kept: KeptAttempts, person_id: int, until: float) -> None:
        super().__init__()
        self.site, self.kept, self.person_id, self.until = site, kept, person_id, until
        self.saved = self.submitted = 0
        self.longest = 0.0
        self.fault = ""

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                self.take()
        except Exception:  # whatever it is, the test has to see it
            self.fault = traceback.format_exc()

    def take(self) -> None:
        with self.site.writing() as session:
            begun = services.start(session, person_id=self.person_id, types=TYPES, now=clock.now(), **PLACE)
            attempt = begun.standing.attempt.id
        highest = 0
        for number in range(SAVES):
            typed = str(number + 1)
            origin = FromDevice("phone", highest + 1) if number % 2 else FromPage(highest)
            began = time.monotonic()
            with self.site.app.app_context():
                saved = save(
                    self.kept,
                    RequestDatabase,
                    attempt_id=attempt,
                    person_id=self.person_id,
                    position=1,
                    read=lambda drawn, typed=typed: read_answer(drawn, {"answer": [typed]}, types=TYPES, locale="en"),  # type: ignore[misc]
                    origin=origin,
                    key=KEY,
                    now=clock.now(),
                )
            self.longest = max(self.longest, time.monotonic() - began)
            highest = saved.highest
            self.saved += 1
        with self.site.writing() as session:
            services.submit(session, attempt_id=attempt, person_id=self.person_id, types=TYPES, now=clock.now())
        self.submitted += 1


def main(database_url: str, folder: str, seconds: str, persons: str) -> int:
    """Write until the time is over; 1 if anything went wrong."""
    site = Site(config_for_tests(database_url, Path(folder)))
    kept = KeptAttempts()
    until = time.monotonic() + float(seconds)
    writers = [Writer(site, kept, int(person), until) for person in persons.split(",")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        print(writer.person_id, writer.saved, writer.submitted, f"{writer.longest:.3f}")
        sys.stderr.write(writer.fault)
    site.close()
    return int(any(writer.fault for writer in writers))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
