"""Open: an answer in one's own words, which a trainer marks by a rubric."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lms.errors import N_, Invalid
from lms.text.localised import Localised, pick
from lms.text.plain import clean_text
from quizzes.question_types.base import (
    ANSWER,
    NOT_ANSWERED,
    Advice,
    BadAnswer,
    Choice,
    Criterion,
    Feedback,
    Given,
    Mark,
    Presentation,
    Problem,
    Response,
    Spec,
    must_know_version,
)
from quizzes.question_types.choices import shortened
from quizzes.question_types.parts import one_sent
from quizzes.question_types.specs import SpecCheck, field_objects, field_text, field_whole, hint_in, under, unusable

# The longest letters fill twelve bytes each in a form that is sent without script; a request holds 64,000 bytes.
MOST_LETTERS = 5_000
MOST_WORDS = 1_000
MOST_CRITERIA = 10
MOST_LEVELS = 10
MOST_POINTS = 100
# Chinese and Japanese put no blanks between words; there each sign counts, as word processors do it.
_SIGN_WORDS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class OpenAnswer:
    """A response is ``{"text": …}``, lines kept as written; there is no mark but that of a trainer."""

    kind = "open"
    spec_version = 1

    def check(self, spec: Spec) -> list[Problem]:
        """List what an author must still mend."""
        check = SpecCheck(spec, required=("prompt", "rubric", "model"), optional=("words",))
        check.text(check.spec.get("prompt"), "prompt")
        check.text(check.spec.get("model"), "model")
        if check.spec.get("words") is not None:
            words = check.fields(check.spec["words"], "words", required=(), optional=("least", "most"))
            least = check.whole(words.get("least"), "words.least", least=1, most=MOST_WORDS)
            most = check.whole(words.get("most"), "words.most", least=1, most=MOST_WORDS)
            if least is not None and most is not None and least > most:
                check.add("words.most", N_("This is fewer than the least."))
        ids: set[str] = set()
        for number, value in enumerate(check.items(check.spec.get("rubric"), "rubric", fewest=1, most=MOST_CRITERIA)):
            path = under("rubric", number)
            criterion = check.fields(value, path, required=("id", "text", "points", "levels"))
            check.id(criterion.get("id"), under(path, "id"), ids)
            check.text(criterion.get("text"), under(path, "text"))
            points = check.whole(criterion.get("points"), under(path, "points"), least=1, most=MOST_POINTS)
            self._check_levels(check, criterion.get("levels"), under(path, "levels"), points)
        return check.problems

    def _check_levels(self, check: SpecCheck, value: object, path: str, points: int | None) -> None:
        worth: list[int] = []
        levels = check.items(value, path, fewest=2, most=MOST_LEVELS)
        for number, item in enumerate(levels):
            level = check.fields(item, under(path, number), required=("points", "text"))
            at = under(under(path, number), "points")
            found = check.whole(level.get("points"), at, least=0, most=MOST_POINTS)
            check.text(level.get("text"), under(under(path, number), "text"))
            if found is not None:
                worth.append(found)
        if points is None or len(worth) != len(levels) or len(worth) < 2:
            return
        if worth != sorted(set(worth)) or worth[0] != 0 or worth[-1] != points:
            check.add(
                path, N_("The levels rise from 0 to the points of the line, which here are %(points)s."), points=points
            )

    def upgrade(self, spec: Spec, from_version: int) -> Spec:
        """Return the spec as it is: there is one version. Raises BadSpec for a version that is not known."""
        must_know_version(self.kind, from_version, newest=self.spec_version)
        return spec

    def present(self, spec: Spec, *, seed: int, languages: Sequence[str]) -> Presentation:
        """Show the question and the rubric, without what each level wants; nothing is drawn."""
        del seed
        return Presentation(
            kind=self.kind,
            prompt=pick(field_text(spec, "prompt"), languages),
            input="long",
            instruction=Localised(N_("Write in your own words. A trainer reads and marks it."), "en", message=True),
            hint=hint_in(spec, languages),
            rubric=tuple(
                Criterion(pick(field_text(line, "text"), languages), field_whole(line, "points"))
                for line in _rubric(spec)
            ),
            least=_bound(spec, "least"),
            most=_bound(spec, "most"),
        )

    def read(self, spec: Spec, given: Given, *, seed: int, locale: str) -> Response | None:
        """Read the text; raises BadAnswer if it is too long."""
        del spec, seed, locale
        sent = one_sent(given, ANSWER)
        if sent is None:
            return None
        try:
            text = clean_text(sent, longest=MOST_LETTERS)
        except Invalid:
            raise BadAnswer(
                N_("This answer is longer than %(most)s letters."), field=ANSWER, most=MOST_LETTERS
            ) from None
        return {"text": text} if text else None

    def fill(self, spec: Spec, response: Response | None, *, seed: int, locale: str) -> dict[str, list[str]]:
        """Give the text."""
        del spec, seed, locale
        text = _text(response)
        return {ANSWER: [text]} if text else {}

    def advice(self, spec: Spec, response: Response) -> Advice | None:
        """Say where an answer has fewer or more words than the author asks for; it is kept all the same."""
        words = count_words(_text(response))
        least, most = _bound(spec, "least"), _bound(spec, "most")
        if least is not None and words < least:
            message = N_("Your answer is saved. It has %(words)s words; at least %(bound)s are asked for.")
            return Advice(message, {"words": words, "bound": least})
        if most is not None and words > most:
            message = N_("Your answer is saved. It has %(words)s words; at most %(bound)s are asked for.")
            return Advice(message, {"words": words, "bound": most})
        return None

    def mark(self, spec: Spec, response: Response | None) -> Mark | None:
        """Give 0 where nothing is written; anything else is for a trainer to mark."""
        del spec
        return None if _text(response) else Mark(0.0, NOT_ANSWERED)

    def feedback(self, spec: Spec, response: Response | None, *, languages: Sequence[str]) -> Feedback:
        """Say nothing: what there is to say, a trainer says."""
        del spec, response, languages
        return Feedback()

    def solution(self, spec: Spec, *, languages: Sequence[str]) -> tuple[Localised, ...]:
        """Give the model answer."""
        return (pick(field_text(spec, "model"), languages),)

    def choices_for_statistics(self, spec: Spec) -> list[Choice]:
        """List nothing: any words can be written."""
        del spec
        return []

    def summarise(self, spec: Spec, response: Response) -> str:
        """Repeat the beginning, in one line."""
        del spec
        return shortened(" ".join(_text(response).split()))


def count_words(text: str) -> int:
    """Count the words of a text: what stands between blanks and has a letter or digit; of Chinese, each sign."""
    return sum(
        len(_SIGN_WORDS.findall(run)) + any(letter.isalnum() for letter in _SIGN_WORDS.sub("", run))
        for run in text.split()
    )


def _rubric(spec: Spec) -> list[Mapping[str, object]]:
    rubric = field_objects(spec, "rubric")
    if not 1 <= len(rubric) <= MOST_CRITERIA:
        raise unusable("rubric")
    return rubric


def _bound(spec: Spec, name: str) -> int | None:
    words = spec.get("words")
    return field_whole(words, name) if isinstance(words, Mapping) and words.get(name) is not None else None


def _text(response: Response | None) -> str:
    text = response.get("text") if response is not None else None
    return text if isinstance(text, str) else ""
