"""“It’s fine”: a person looked at a finding and leaves it as it is, for this version."""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.campaigns.checks.finding import CheckFinding, FindingLevel
from mailer.campaigns.checks.measuring import measure, measure_barely
from mailer.campaigns.checks.running import run
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed, NotFound
from mailer.models import AcceptedFinding
from mailer.settings.environment import Gate


def accept(
    session: Session, campaign_id: int, key: str, *, actor: Actor, gate: Gate, now: datetime
) -> CheckFinding:
    """Keep that the finding of this key is fine, with who said so.

    NotFound when it is no longer there, because what it was about has changed; NotAllowed for what
    has to be mended. Saying it twice keeps the first.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    # People are counted only where what is meant is about their number.
    for measuring in (measure_barely, measure):
        counts = measuring(session, campaign, now=now)
        found = run(session, campaign, gate=gate, now=now, counts=counts)
        if finding := next((each for each in found if each.key == key), None):
            break
    if finding is None:
        raise NotFound("That has changed since you opened the page: look at the checks again.")
    if finding.level is not FindingLevel.LOOK:
        raise NotAllowed(f"This has to be mended first. {finding.message}")
    if not finding.is_open:
        return finding
    session.add(
        AcceptedFinding(
            campaign_id=campaign.id,
            version=campaign.version,
            key=key,
            code=finding.code,
            block_id=finding.block,
            field=finding.field[:120],
            accepted_by=name_of(session, actor),
            accepted_at=now,
        )
    )
    detail = {"code": finding.code, "block": finding.block, "version": campaign.version}
    note(session, campaign, "finding left as fine", actor=actor, now=now, **detail)
    return finding
