"""What admins see and do: the overview, people and their roles, the audit log, mail and jobs."""

from lms.administration.services.erasing import erase
from lms.administration.services.log import LogLine, LogPage, acts, log_page
from lms.administration.services.outgoing import (
    JobLine,
    MailLine,
    MailPage,
    failed_jobs,
    mail_line,
    mail_page,
    send_again,
)
from lms.administration.services.overview import Overview, overview
from lms.administration.services.people import (
    PeopleList,
    PersonRecord,
    grant_role,
    people_list,
    person_line,
    person_record,
    withdraw_role,
)

__all__ = [
    "JobLine",
    "LogLine",
    "LogPage",
    "MailLine",
    "MailPage",
    "Overview",
    "PeopleList",
    "PersonRecord",
    "acts",
    "erase",
    "failed_jobs",
    "grant_role",
    "log_page",
    "mail_line",
    "mail_page",
    "overview",
    "people_list",
    "person_line",
    "person_record",
    "send_again",
    "withdraw_role",
]
