"""Rules about the two lines that an inbox shows."""

from collections.abc import Iterator
from typing import Final

from mailer.authoring.text.merging import for_everybody
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule

_LONGEST: Final = 60
_SHOWN: Final = 35
_LETTERS: Final = 8  # fewer in capitals may be initials


class NoSubject(IssueRule):
    """An issue needs a subject."""

    code, level = "SUB1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if not facts.campaign.subject.strip():
            yield self.of("subject", "Add a subject.")


class SubjectOfLastIssue(IssueRule):
    """People take a mail with the same subject for one they have read."""

    code, level = "SUB2", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        subject = facts.campaign.subject
        if facts.last and subject and _same(subject) == _same(facts.last.subject):
            message = f"The subject is the same as {facts.last.month}’s."
            yield self.of("subject", message, about=subject)


class PoorSubject(IssueRule):
    """Long, or loud."""

    code, level = "SUB3", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        subject = for_everybody(facts.campaign.subject)
        letters = "".join(filter(str.isalpha, subject))
        found = [
            words
            for words, wrong in (
                (f"over {_LONGEST} characters", len(subject) > _LONGEST),
                ("in capitals", letters.isupper() and len(letters) > _LETTERS),
                ("full of exclamation marks", subject.count("!") > 1),
            )
            if wrong
        ]
        if found:
            message = (
                f"Subject is {' and '.join(found)}. Phones show about {_SHOWN} characters: "
                f"“{subject[:_SHOWN].rstrip()}”."
            )
            yield self.of("subject", message, about=facts.campaign.subject)


class NoPreviewText(IssueRule):
    """Without one an inbox shows whatever comes first."""

    code, level = "PRE1", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if not facts.campaign.preview_text.strip():
            message = "No preview text. Inboxes will show “View online” instead."
            yield self.of("preview_text", message)


def _same(subject: str) -> str:
    return " ".join(subject.casefold().split())
