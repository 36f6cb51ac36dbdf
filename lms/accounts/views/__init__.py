"""Pages of accounts: entering, the links in mails, and a person's own account."""

from lms.accounts.views import account, entering, links
from lms.accounts.views.pages import bp

__all__ = ["account", "bp", "entering", "links"]
