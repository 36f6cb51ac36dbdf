"""What can be done with certificates: confirm a name, issue, correct, revoke, and look at them."""

from lms.certificates.candidates import STATES, Candidate, State, candidates, counts, subjects
from lms.certificates.services.issuing import about, correct, issue, issue_own, revoke
from lms.certificates.services.looking import (
    UNKNOWN,
    PublicCertificate,
    Version,
    by_serial,
    check,
    of_person,
    pdf_of,
    standing,
)
from lms.certificates.services.many import Outcome, issue_to_all, names_of, outcome_of
from lms.certificates.services.names import attest_name, confirm_name

__all__ = [
    "STATES",
    "UNKNOWN",
    "Candidate",
    "Outcome",
    "PublicCertificate",
    "State",
    "Version",
    "about",
    "attest_name",
    "by_serial",
    "candidates",
    "check",
    "confirm_name",
    "correct",
    "counts",
    "issue",
    "issue_own",
    "issue_to_all",
    "names_of",
    "of_person",
    "outcome_of",
    "pdf_of",
    "revoke",
    "standing",
    "subjects",
]
