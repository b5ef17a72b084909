"""A finding of a check: what is wrong or worth a look, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from mailer.errors import Problem


class FindingLevel(StrEnum):
    """What a finding asks for."""

    FIX = "fix"  # nothing is submitted, approved or sent before
    LOOK = "look"  # a person may say that it is fine


class FindingState(StrEnum):
    """Where it stands. What was not checked has not passed."""

    OPEN = "open"
    FINE = "fine"  # a person said so, for this version
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing a check found, or could not look at yet.

    ``block`` is the block's id ("" for the issue's settings), ``where`` the words a person knows it
    by, ``about`` the text it is about: “It’s fine” falls away when that changes.
    """

    code: str
    level: FindingLevel
    message: str
    block: str = ""
    where: str = ""
    field: str = ""
    about: str = ""
    state: FindingState = FindingState.OPEN
    fine_by: str = ""
    fine_at: datetime | None = None

    @property
    def key(self) -> str:
        """What “It’s fine” is kept by."""
        about = self.about or self.message
        parts = (self.code, self.block, self.field, about)
        return sha256("\0".join(parts).encode()).hexdigest()

    @property
    def is_open(self) -> bool:
        return self.state is FindingState.OPEN

    @property
    def holds_back(self) -> bool:
        """Whether the issue can’t go out before it is mended."""
        return self.is_open and self.level is FindingLevel.FIX

    def as_problem(self) -> Problem:
        """The same, for the doors that refuse."""
        where = "" if self.where in self.message else self.where
        return Problem(self.block, where, self.field, self.message)

    def to_json(self) -> dict[str, str]:
        """What programs are told of it."""
        return {
            "code": self.code,
            "level": self.level.value,
            "block": self.block,
            "field": self.field,
            "message": self.message,
        }


def sendable(findings: Sequence[CheckFinding]) -> bool:
    """Whether nothing of what was found holds the issue back."""
    return not any(each.holds_back for each in findings)


def report(findings: Sequence[CheckFinding]) -> dict[str, object]:
    """What programs are told: what is open, and whether the issue could go out."""
    shown = [each.to_json() for each in findings if each.is_open]
    return {"checks": shown, "sendable": sendable(findings)}
