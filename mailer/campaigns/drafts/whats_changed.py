"""What an approver has not seen yet: what changed in an issue since the version that was approved,
sent back or submitted before, and since the last issue of its newsletter."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.authoring.comparing import ComparedBlock, ComparedField, How, compare, compare_documents
from mailer.authoring.document import read
from mailer.campaigns.drafts.versions import versions_of
from mailer.models import Campaign, Version, VersionReason

_LOOKED_AT = {VersionReason.APPROVED.value, VersionReason.SUBMITTED.value}


@dataclass(frozen=True, slots=True)
class WhatChanged:
    """Since which version, or which issue; the fields of the head and the blocks that differ."""

    version: int | None
    issue: Campaign | None
    head: Sequence[ComparedField]
    blocks: Sequence[ComparedBlock]

    @property
    def words(self) -> list[str]:
        """A line for each: "changed: Story “Retrofit”"."""
        return [
            *(f"changed: {each.label}" for each in self.head),
            *(f"{each.how.value}: {each.name}" for each in self.blocks),
        ]


def since_it_was_looked_at(session: Session, campaign: Campaign) -> WhatChanged | None:
    """Since the last version before this one that somebody was to approve; None for the first."""
    for version in versions_of(session, campaign.id):
        reasons = {each["why"] for each in version.reasons}
        if version.number < campaign.version and reasons & _LOOKED_AT:
            return _changed(version, campaign, version=version.number)
    return None


def since_the_last_issue(session: Session, campaign: Campaign) -> WhatChanged | None:
    """Since the newest issue of its newsletter that went out; None for the first."""
    last = session.scalar(
        select(Campaign)
        .where(
            Campaign.newsletter_id == campaign.newsletter_id,
            Campaign.started_at.is_not(None),
            Campaign.id != campaign.id,
        )
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
        .limit(1)
    )
    return None if last is None else _changed(last, campaign, issue=last)


def _changed(
    before: Campaign | Version,
    after: Campaign,
    *,
    version: int | None = None,
    issue: Campaign | None = None,
) -> WhatChanged:
    head = compare(
        {"subject": before.subject, "preview_text": before.preview_text},
        {"subject": after.subject, "preview_text": after.preview_text},
    )
    blocks = compare_documents(read(before.document)[0], read(after.document)[0])
    return WhatChanged(
        version,
        issue,
        [each for each in head if each.differs],
        [each for each in blocks if each.how is not How.SAME],
    )
