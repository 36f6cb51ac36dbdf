"""How moments are written for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import g

from lms.testing import Site
from lms.web.languages import format_moment
from lms.web.rendering import told


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("zone", "moment", "said"),
    [
        ("UTC", datetime(2026, 11, 23, 12, 42, tzinfo=UTC), "23 November 2026, 12:42 UTC"),
        ("UTC", datetime(2026, 11, 23, 12, 42, 59, 999999, tzinfo=UTC), "23 November 2026, 12:42 UTC"),
        ("UTC", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "31 December 9999, 23:59 UTC"),
        ("Africa/Nairobi", datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "24 November 2026, 01:00 (Nairobi), 22:00 UTC"),
        ("Asia/Kathmandu", datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC), "21 July 1969, 01:47 (Kathmandu), 20:17 UTC"),
    ],
)
def test_a_moment_is_named_by_its_minute_here_and_in_utc(site: Site, zone: str, moment: datetime, said: str) -> None:
    with site.app.test_request_context():
        g.time_zone = zone

        assert format_moment(moment) == said
        assert format_moment(moment.replace(second=0, microsecond=0) + timedelta(seconds=7)) == said


@pytest.mark.sqlite_only
def test_what_a_script_is_told_has_the_letters_of_every_script_as_they_are(site: Site) -> None:
    with site.app.test_request_context():
        assert told({"page": "جواب é"}).get_data() == '{"page":"جواب é"}'.encode()
