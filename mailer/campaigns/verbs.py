"""What may be done to a campaign in which state: one table of verbs, with a sentence each.

Every door goes by it, so a page, a command and the API allow and refuse the same, in the same
words. ``tests/mailer/campaigns/test_verbs.py`` walks over it at random.
"""

from collections.abc import Collection
from enum import Enum
from typing import Final

from mailer.errors import NotAllowed
from mailer.models import EDITABLE, WRITABLE, CampaignStatus

S = CampaignStatus
_STATES: Final = {
    S.DRAFT: "is a draft",
    S.WAITING: "is waiting for approval",
    S.SCHEDULED: "is scheduled",
    S.HELD: "is held",
    S.SENDING: "is being sent",
    S.PAUSED: "is paused",
    S.STOPPED: "was stopped",
    S.SENT: "has been sent",
    S.SETTLED: "has been sent, and its report is final",
    S.SKIPPED: "was skipped",
    S.BINNED: "is in the bin",
    S.TEMPLATE: "is a template",
}


class Verb(Enum):
    """What may be done: from which states, and what is said where the state does not allow it."""

    EDIT = (WRITABLE, "it can’t be changed")
    TEST = (EDITABLE, "there is nothing to test any more")
    SUBMIT = (EDITABLE - {S.WAITING}, "there is nothing to ask approval for")
    APPROVE = (EDITABLE, "there is nothing to approve")
    ASK_FOR_CHANGES = (EDITABLE - {S.DRAFT}, "there is nothing to send back")
    PASS_ON = (EDITABLE, "there is nothing to decide")
    COMMENT = (EDITABLE, "nothing of it changes any more")
    PLAN = (EDITABLE, "its time can’t change")
    UNPLAN = (EDITABLE, "its time can’t be taken away")
    HOLD = (EDITABLE - {S.HELD}, "it can’t be held")
    SKIP = (EDITABLE, "it can’t be skipped")
    PUT_BACK = ({S.SKIPPED, S.BINNED}, "there is nothing to put back")
    BIN = ({S.DRAFT, S.WAITING, S.HELD, S.SKIPPED, S.TEMPLATE}, "it can’t be put in the bin")
    REMOVE = ({S.BINNED}, "only what is in the bin is removed for good")
    LAUNCH = (EDITABLE, "it can’t be sent, since an issue is never sent twice")
    PAUSE = ({S.SENDING}, "there is nothing to pause")
    RESUME = ({S.PAUSED}, "there is nothing to resume")
    STOP = ({S.SENDING, S.PAUSED}, "there is nothing to stop")
    SEND_AGAIN = ({S.SENDING, S.PAUSED, S.SENT}, "nothing of it can be sent again")
    FINISH = ({S.SENDING}, "there is nothing to finish")
    CORRECT = ({S.SENT, S.SETTLED}, "only the page of an issue that was sent is corrected")
    SETTLE = ({S.SENT, S.STOPPED}, "its report can’t be closed")

    def __init__(self, states: Collection[CampaignStatus], refusal: str) -> None:
        self.states = frozenset(states)
        self._refusal = refusal

    def allows(self, status: CampaignStatus) -> bool:
        """Whether it may be done to a campaign in this state."""
        return status in self.states

    def refusal(self, status: CampaignStatus) -> str:
        """Why it may not be done in this state, in a sentence."""
        if self is Verb.LAUNCH and status is S.SKIPPED:
            return "This issue was skipped: put it back first."
        if status is S.TEMPLATE:
            return "This is a template: issues begin with it, and it never goes out itself."
        if self is Verb.BIN and status is S.SCHEDULED:
            return "This issue is scheduled: take its time away before you put it in the bin."
        return f"This issue {_STATES[status]}: {self._refusal}."

    def check(self, status: CampaignStatus) -> None:
        """NotAllowed, with the sentence, where the state does not allow it."""
        if not self.allows(status):
            raise NotAllowed(self.refusal(status))
