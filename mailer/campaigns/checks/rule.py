"""What a rule is: a code, a level, and what it finds in the facts of an issue."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding, FindingLevel, FindingState
from mailer.campaigns.checks.reading import Spot

FIX, LOOK = FindingLevel.FIX, FindingLevel.LOOK


class IssueRule(ABC):
    """One check. ``measures`` says that it needs what takes long to find out."""

    code: ClassVar[str]
    level: ClassVar[FindingLevel]
    measures: ClassVar[bool] = False

    @abstractmethod
    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        """What there is to mend or to look at."""

    def at(self, spot: Spot, message: str, *, about: str = "", field: str = "") -> CheckFinding:
        """A finding at a spot, or at another field of its block."""
        return CheckFinding(
            self.code, self.level, message, spot.block, spot.where, field or spot.field, about
        )

    def of(self, field: str, message: str, *, where: str = "", about: str = "") -> CheckFinding:
        """A finding about what stands around the blocks."""
        return CheckFinding(self.code, self.level, message, "", where, field, about)

    def unchecked(self, message: str, *, field: str = "") -> CheckFinding:
        """That this was not looked at yet."""
        state = FindingState.UNCHECKED
        return CheckFinding(self.code, self.level, message, field=field, state=state)
