"""Who has joined since the last issue of a newsletter went out."""

from datetime import UTC, datetime, time
from typing import Final

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session, joinedload

from contacts.models import Organisation
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.members import Member, MemberWelcome
from mailer.authoring.checks import check_values
from mailer.authoring.library.listing import OUT
from mailer.campaigns.assembly.choice import MEMBER, Choice, member
from mailer.campaigns.assembly.span import IssueSpan
from mailer.models import EDITABLE, AssembledPart, Campaign, PartState

_PARTS: Final = next(each.parts for each in BLOCK_TYPES[MemberWelcome.type].fields if each.parts)


def new_members(session: Session, span: IssueSpan, *, besides: int | None = None) -> list[Choice]:
    """Organisations of a category whose membership began, and that no issue of the newsletter was
    filled with, the first to join first."""
    told = (
        select(AssembledPart.id)
        .join(Campaign, Campaign.id == AssembledPart.campaign_id)
        .where(
            AssembledPart.key == literal(f"{MEMBER} ").concat(Organisation.id),
            AssembledPart.state != PartState.DECLINED,
            Campaign.newsletter_id == span.newsletter_id,
            Campaign.status.in_(OUT | EDITABLE),
            Campaign.id != (besides or 0),
        )
    )
    found = session.scalars(
        select(Organisation)
        .where(
            Organisation.category_id.is_not(None),
            Organisation.member_since.between(span.since_day, span.out_there.date()),
            ~exists(told.correlate(Organisation)),
        )
        .options(joinedload(Organisation.category))
        .order_by(Organisation.member_since, Organisation.id)
    )
    welcomed = [_welcomed(each, span) for each in found]
    return [each for each in welcomed if not any(check_values(each.piece, _PARTS))]


def _welcomed(joined: Organisation, span: IssueSpan) -> Choice:
    since = joined.member_since
    assert joined.category is not None
    assert since is not None
    entry = Member(organisation=joined.name, category=joined.category.name, since=f"{since:%B %Y}")
    return member(
        f"{MEMBER} {joined.id}",
        joined.name,
        f"Its membership began on {span.day_words(since)}, {span.since_words}.",
        entry,
        max(joined.created_at, datetime.combine(since, time(), UTC)),
    )
