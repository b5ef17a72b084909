"""What whoever does a step has at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.campaigns.timeline.owning import owner_of
from mailer.models import Campaign, Operator, Step
from mailer.security.tokens import Tokens
from mailer.settings.environment import Gate


@dataclass(frozen=True, slots=True)
class StepContext:
    """A step that was taken, its issue, and the moment. ``site`` begins addresses in mail."""

    session: Session
    step: Step
    campaign: Campaign
    gate: Gate
    site: str
    tokens: Tokens
    now: datetime

    @property
    def owner(self) -> Operator | None:
        return owner_of(self.session, self.campaign)


Doing = Callable[[StepContext], str]
