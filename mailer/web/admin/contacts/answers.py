"""What a person says that a value about permission means: the fields and their words."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from contacts.importing import Doubt, Question, Says
from mailer.web import forms

MEANINGS: Final = {
    Says.YES.value: "Yes, they agreed to be written to",
    Says.NO.value: "No, they are not to be subscribed",
    Says.PENDING.value: "Not confirmed yet",
    Says.NEVER.value: "No, put the address on do-not-email",
    Says.GONE.value: "The address or the person is gone",
    Says.COMPLAINT.value: "They complained",
    Says.NOTHING.value: "Nothing about permission",
}


def answer_name(question: Question) -> str:
    """The name of the field of one value, which may be anything: its digest stands for it."""
    digest = hashlib.sha256(question.value.encode()).hexdigest()[:16]
    return f"means-{question.place}-{digest}"


def answers_posted(questions: Iterable[Question]) -> dict[int, dict[str, Says]]:
    """What was chosen for each value."""
    found: dict[int, dict[str, Says]] = defaultdict(dict)
    for each in questions:
        chosen = forms.posted().get(answer_name(each), "")
        if chosen in MEANINGS:
            found[each.place][each.value] = Says(chosen)
    return dict(found)


def doubt_name(doubt: Doubt) -> str:
    """The name of the box beside something about the whole file."""
    return f"accept-{doubt}"


def doubts_accepted() -> frozenset[str]:
    """What was ticked."""
    return frozenset(each.value for each in Doubt if doubt_name(each) in forms.posted())


def unanswered_words(question: Question) -> str:
    """The sentence beside a value about which nothing was chosen."""
    what = f"“{question.value[:60]}”" if question.value else "a blank"
    return f"Say what {what} means in the column “{question.column}”."
