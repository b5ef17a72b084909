"""Checks of senders' domains, from any entry point: no transaction is open while DNS is asked."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.domains import checking, signing_keys, standing
from mailer.domains.checking import Check
from mailer.domains.routes import gate_of
from mailer.domains.standing import domain_of
from mailer.models import Campaign, Step, StepKind
from mailer.settings.environment import Gate, Settings

AHEAD: Final = timedelta(minutes=15)  # of a planned send


def vet(mailer: Mailer, domain: str) -> Check:
    """Check a sender's domain now and keep what was found; takes up to ten seconds.

    NotFound when no newsletter comes from it.
    """
    with mailer.database.reading() as session:
        sender = signing_keys.sender(session, domain, settings=mailer.settings)
    found = checking.check(mailer.lookups(), sender)
    with mailer.database.writing() as session:
        standing.keep(session, found, now=mailer.clock())
    return found


def vet_before_launch(mailer: Mailer, campaign_id: int) -> None:
    """Check the sender of an issue where the gate is enforced and the last check is too old."""
    with mailer.database.reading() as session:
        if gate_of(session, mailer.settings) is not Gate.ENFORCE:
            return
        domain = domain_of(editing.find(session, campaign_id).newsletter.from_address)
        due = standing.is_due(session, domain, now=mailer.clock())
    if due:
        vet(mailer, domain)


def awaiting(session: Session, settings: Settings, *, now: datetime) -> dict[int, int]:
    """Planned sends that are near while their sender's check is too old: step id → campaign id.

    None where the gate is not enforced.
    """
    if gate_of(session, settings) is not Gate.ENFORCE:
        return {}
    near = session.execute(
        select(Step.id, Campaign.id, Newsletter.from_address)
        .join(Campaign, Campaign.id == Step.subject_id)
        .join(Newsletter, Newsletter.id == Campaign.newsletter_id)
        .where(
            Step.kind == StepKind.LAUNCH,
            Step.done_at.is_(None),
            Step.due_at <= now + AHEAD,
            Campaign.approved_version == Campaign.version,
        )
    )
    return {
        step_id: campaign_id
        for step_id, campaign_id, address in near
        if standing.is_due(session, domain_of(address), now=now)
    }
