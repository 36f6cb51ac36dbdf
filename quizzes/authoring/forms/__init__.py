"""The forms in which trainers write questions: one for each kind, all of them without a need for script.

A kind that a plugin brings has its own subclass of `QuestionForm`.
"""

from quizzes.authoring.forms.base import QuestionForm, RowForm, Rows
from quizzes.authoring.forms.gap_text import GapTextForm
from quizzes.authoring.forms.matching import MatchingForm
from quizzes.authoring.forms.multiple_choice import MultipleChoiceForm
from quizzes.authoring.forms.numeric import NumericForm
from quizzes.authoring.forms.open import OpenAnswerForm
from quizzes.authoring.forms.ordering import OrderingForm
from quizzes.authoring.forms.short_text import ShortTextForm
from quizzes.authoring.forms.single_choice import SingleChoiceForm
from quizzes.authoring.forms.true_false import TrueFalseForm

__all__ = [
    "GapTextForm",
    "MatchingForm",
    "MultipleChoiceForm",
    "NumericForm",
    "OpenAnswerForm",
    "OrderingForm",
    "QuestionForm",
    "RowForm",
    "Rows",
    "ShortTextForm",
    "SingleChoiceForm",
    "TrueFalseForm",
]
