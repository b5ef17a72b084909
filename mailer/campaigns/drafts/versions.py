"""Versions of an issue: kept word for word, listed, and put back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.campaigns.drafts.changes import RecordedStep, record
from mailer.campaigns.editing import edit, find
from mailer.campaigns.verbs import Verb
from mailer.errors import NotFound
from mailer.models import Campaign, ChangeKind, Version, VersionReason

WORKED_ON: Final = timedelta(minutes=20)


def keep(
    session: Session, campaign: Campaign, reason: VersionReason, *, actor: Actor, now: datetime
) -> Version:
    """Keep what the issue says now, and why; the next edit begins another version."""
    version = session.scalar(
        select(Version).where(
            Version.campaign_id == campaign.id, Version.number == campaign.version
        )
    )
    if version is None:
        version = Version(
            campaign_id=campaign.id,
            number=campaign.version,
            subject=campaign.subject,
            preview_text=campaign.preview_text,
            document=campaign.document,
            reasons=[],
            created_at=now,
        )
        session.add(version)
    why = {"why": reason.value, "by": str(actor), "at": now.isoformat()}
    version.reasons = [*version.reasons, why]
    campaign.kept_version = campaign.version
    return version


def keep_after_a_while(
    session: Session, campaign: Campaign, *, actor: Actor, now: datetime
) -> None:
    """Keep what was written so far once people have worked on a version for twenty minutes."""
    if campaign.kept_version == campaign.version:
        return
    began = campaign.version_began_at or campaign.created_at
    if now - began >= WORKED_ON:
        keep(session, campaign, VersionReason.WORKED_ON, actor=actor, now=now)


def versions_of(session: Session, campaign_id: int) -> Sequence[Version]:
    """All that were kept, the newest first."""
    return session.scalars(
        select(Version).where(Version.campaign_id == campaign_id).order_by(Version.number.desc())
    ).all()


def version_of(session: Session, campaign_id: int, number: int) -> Version:
    """One version; NotFound when none of this number was kept."""
    found = session.scalar(
        select(Version).where(Version.campaign_id == campaign_id, Version.number == number)
    )
    if found is None:
        raise NotFound(f"Version {number} of this issue was not kept.")
    return found


def restore(
    session: Session, campaign_id: int, number: int, *, actor: Actor, now: datetime
) -> Campaign:
    """Make the issue say again what it said in a version. What it says now is kept as a version
    first, so nothing is lost; NotAllowed where the issue can't be changed any more."""
    campaign = find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    version = version_of(session, campaign_id, number)
    before, after = _whole(campaign), _whole(version)
    if before == after:
        return campaign
    keep(session, campaign, VersionReason.RESTORED, actor=actor, now=now)
    edit(session, campaign_id, actor=actor, now=now, **after)
    step = RecordedStep(ChangeKind.RESTORED, f"version {number}", before=before, after=after)
    record(session, campaign, step, actor=actor, now=now)
    return campaign


def _whole(text: Campaign | Version) -> dict[str, Any]:
    return {
        "subject": text.subject,
        "preview_text": text.preview_text,
        "document": text.document,
    }
