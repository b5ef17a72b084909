"""Who belongs to the audience of an issue, and the first reason that leaves somebody out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select
from sqlalchemy.orm import Session

from contacts.addresses import NOWHERE
from contacts.membership.categories import category_id_of
from contacts.models import (
    Contact,
    Organisation,
    Segment,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from contacts.segments import Group, matching, parse
from mailer.audience.leaving_out import chosen, got_one_of
from mailer.models import Campaign, Exclusion

_ALL: Final = Group("all", ())


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody on a newsletter whom ``rules`` let through, but for those whom one of ``without``
    describes and those who got one of the issues ``but_for``; with ``only_of`` it is narrowed to
    those who got that issue."""

    newsletter_id: int
    rules: Group = _ALL
    without: tuple[Group, ...] = ()
    but_for: tuple[int, ...] = ()
    only_of: int | None = None

    @property
    def left_out(self) -> ColumnElement[bool] | None:
        """The condition for whoever is left out; None where nobody is."""
        reasons = [matching(each) for each in self.without]
        if self.but_for:
            reasons.append(got_one_of(self.but_for))
        return or_(*reasons) if reasons else None


def audience_of(session: Session, campaign: Campaign) -> Audience:
    """The audience of an issue as it is chosen now: what is counted and what is frozen."""
    whom = chosen(session, campaign.id)
    rules = session.scalars(
        select(Segment.rules).where(Segment.id.in_(whom.segments)).order_by(Segment.id)
    )
    return Audience(
        campaign.newsletter_id,
        rules_of(campaign.segment.rules if campaign.segment else None),
        tuple(parse(dict(each)) for each in rules),
        whom.issues,
        campaign.corrects_id,
    )


def rules_of(segment_rules: Mapping[str, Any] | None) -> Group:
    """A segment's rules, or those that let everybody through."""
    return _ALL if segment_rules is None else parse(dict(segment_rules))


def classified(
    audience: Audience, *, now: datetime, among: ColumnElement[bool] | None = None
) -> Select[Any]:
    """One row a person of the audience: contact_id, name, address, category_id, reason.

    ``reason`` is NULL for those who will receive it. Of several people who share a mailbox and
    have no other reason, the one who has been here longest gets the copy; so ``among``, which
    narrows whom to look at, must not part people of one mailbox.
    """
    everybody = people_of(audience, now=now)
    people = (everybody if among is None else everybody.where(among)).subquery()
    turn = func.row_number().over(
        partition_by=(people.c.address_key, people.c.reason), order_by=people.c.contact_id
    )
    ranked = select(people, turn.label("turn")).subquery()
    reason = case(
        (ranked.c.reason.is_not(None), ranked.c.reason),
        (ranked.c.turn > 1, literal(Exclusion.SAME_ADDRESS.value)),
        else_=null(),
    )
    return select(
        ranked.c.contact_id,
        ranked.c.name,
        ranked.c.address,
        ranked.c.category_id,
        reason.label("reason"),
    )


def people_of(audience: Audience, *, now: datetime) -> Select[Any]:
    """One row a person of the audience, with the first reason that is theirs alone."""
    reason = first_reason(now.date())
    left_out = audience.left_out
    if left_out is not None:
        reason = case(
            (reason.is_not(None), reason),
            (left_out, literal(Exclusion.LEFT_OUT.value)),
            else_=null(),
        )
    people = (
        select(
            Contact.id.label("contact_id"),
            Contact.name.label("name"),
            Contact.email.label("address"),
            Contact.address_key.label("address_key"),
            category_id_of().label("category_id"),
            reason.label("reason"),
        )
        .join(
            Subscription,
            and_(
                Subscription.contact_id == Contact.id,
                Subscription.newsletter_id == audience.newsletter_id,
            ),
        )
        .outerjoin(Suppression, Suppression.address_key == Contact.address_key)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .where(matching(audience.rules))
    )
    return people if audience.only_of is None else people.where(got_one_of([audience.only_of]))


def first_reason(today: date | ColumnElement[date]) -> ColumnElement[Any]:
    suppressed = Suppression.reason
    left_alone = (SuppressionReason.DO_NOT_EMAIL, SuppressionReason.COMPLAINED)
    status = Subscription.status
    return case(
        (_has_no_address(), literal(Exclusion.NO_EMAIL.value)),
        (suppressed.in_(left_alone), literal(Exclusion.DO_NOT_EMAIL.value)),
        (suppressed == SuppressionReason.BOUNCED, literal(Exclusion.BOUNCED.value)),
        (
            or_(
                suppressed == SuppressionReason.UNSUBSCRIBED,
                status == SubscriptionStatus.UNSUBSCRIBED,
            ),
            literal(Exclusion.UNSUBSCRIBED.value),
        ),
        (status == SubscriptionStatus.PENDING, literal(Exclusion.NOT_CONFIRMED.value)),
        (Subscription.paused_until > today, literal(Exclusion.PAUSED.value)),
        else_=null(),
    )


def _has_no_address() -> ColumnElement[bool]:
    """No address, or one that was taken in before such were refused and that no mail reaches."""
    key = Contact.address_key
    # Nearly all addresses are through with one look at their last letter.
    letters = sorted({end[-1] for end in NOWHERE})
    ends = or_(key.like("%@test"), *(key.like(f"%.{end}") for end in sorted(NOWHERE)))
    return or_(key.is_(None), and_(func.substr(key, func.length(key)).in_(letters), ends))


def mailboxes_shared() -> Select[Any]:
    """The keys of addresses that several people have; few, as a rule."""
    return (
        select(Contact.address_key)
        .where(Contact.address_key.is_not(None))
        .group_by(Contact.address_key)
        .having(func.count() > 1)
    )
