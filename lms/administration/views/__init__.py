"""Pages for admins: the overview, people, certificates, the audit log, mail, jobs and plugins."""

from lms.administration.views import certificates, log, outgoing, overview, people
from lms.administration.views.pages import ROOMS, bp

__all__ = ["ROOMS", "bp", "certificates", "log", "outgoing", "overview", "people"]
