"""What a trainer writes about one person's time, and about one late answer."""

from __future__ import annotations

from wtforms import BooleanField, FloatField, HiddenField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from lms.errors import N_
from lms.web.forms import Form, text
from lms.web.languages import gettext, lazy
from quizzes.attempts.allowances import More
from quizzes.attempts.models import Allowance

LONGEST_REASON = 1_000
MOST_MINUTES = 10_080  # a week

_needed = lazy(N_("Write a number; 0 where there is nothing more."))


class WholeField(IntegerField):  # type: ignore[misc]
    """A whole number as a person writes one: of a thousand digits Python makes a number that no float holds."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent; raises ValueError for what is no such number."""
        if valuelist and len(valuelist[0]) > 20:
            raise ValueError(gettext(N_("Write a whole number.")))
        super().process_formdata(valuelist)


def _reason(hint: str) -> TextAreaField:
    return TextAreaField(
        lazy(N_("Reason")),
        description=lazy(hint),
        filters=[text(LONGEST_REASON)],
        validators=[DataRequired(lazy(N_("Write a reason. It stands in the log.")))],
    )


class AllowanceForm(Form):
    """What one person gets more of in one quiz, or in all of the course."""

    began_from = HiddenField()
    factor = FloatField(
        lazy(N_("Time, as a factor of the limit")),
        description=lazy(N_("1 is as long as others have, 1.25 a quarter longer.")),
        default=1.0,
        validators=[InputRequired(_needed), NumberRange(1, 10, lazy(N_("This is a number from 1 to 10.")))],
    )
    minutes = WholeField(
        lazy(N_("Minutes more")),
        default=0,
        validators=[
            InputRequired(_needed),
            NumberRange(0, MOST_MINUTES, lazy(N_("This is a whole number from 0 to 10080."))),
        ],
    )
    tries = WholeField(
        lazy(N_("Tries more")),
        default=0,
        validators=[InputRequired(_needed), NumberRange(0, 100, lazy(N_("This is a whole number from 0 to 100.")))],
    )
    reason = _reason(N_("It stands in the log. The participant does not see it."))
    everywhere = BooleanField(
        lazy(N_("Set the same in every quiz of this course")),
        description=lazy(N_("It replaces what this person has there. A quiz that is added later does not have it.")),
    )

    def more(self) -> More:
        """Give what was written, once it is accepted."""
        return More(
            factor=self.factor.data,
            minutes=self.minutes.data,
            tries=self.tries.data,
            reason=self.reason.data,
        )

    @classmethod
    def of(cls, allowance: Allowance | None, *, began_from: str) -> AllowanceForm:
        """Make the form with what is set now."""
        if allowance is None:
            return cls(formdata=None, data={"began_from": began_from, "factor": 1.0, "minutes": 0, "tries": 0})
        return cls(formdata=None, obj=allowance, data={"began_from": began_from})


class AnswerForm(Form):
    """The answer to who asks for more time."""

    minutes = WholeField(
        lazy(N_("Minutes more")),
        validators=[
            InputRequired(lazy(N_("Write how many minutes they get."))),
            NumberRange(1, MOST_MINUTES, lazy(N_("This is a whole number from 1 to 10080."))),
        ],
    )
    answer = TextAreaField(
        lazy(N_("Your answer")),
        description=lazy(N_("The participant reads it. It may be empty.")),
        filters=[text(LONGEST_REASON)],
    )


class RefusalForm(Form):
    """The same where there are no minutes."""

    answer = TextAreaField(lazy(N_("Your answer")), filters=[text(LONGEST_REASON)])


class DecisionForm(Form):
    """Why a late answer counts or does not."""

    reason = _reason(N_("It stands in the log."))
