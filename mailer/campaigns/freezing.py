"""A launched campaign's audience becomes deliveries: one row a person, and batches to carry."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, case, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from contacts.database import Database
from contacts.models import Contact, Subscription
from mailer.audience.selecting import Audience, audience_of, people_of
from mailer.campaigns import editing
from mailer.models import Batch, Campaign, CampaignStatus, Delivery, DeliveryStatus, Exclusion

CHUNK: Final = 25_000  # contacts per step: well under half a second of SQLite's one writer
_LARGEST_BATCH: Final = 1_000
_SMALLEST_BATCH: Final = 10


def freeze(database: Database, campaign_id: int, *, clock: Callable[[], datetime]) -> None:
    """Freeze to the end, a transaction a step; what somebody else has frozen is left as it is."""
    done = False
    while not done:
        with database.writing() as session:
            campaign = editing.find(session, campaign_id, lock=True)
            if campaign.status is not CampaignStatus.SENDING:
                return
            audience = audience_of(session, campaign)
            done = freeze_some(session, campaign, audience, now=clock())


def freeze_some(session: Session, campaign: Campaign, audience: Audience, *, now: datetime) -> bool:
    """One step of turning the audience into deliveries; True when nothing is left to do.

    Each step is a transaction of its own and leaves a mark, so a killed freeze goes on where it
    was, and nobody holds SQLite's one writer for long.
    """
    if campaign.frozen_at is not None:
        return True
    after = campaign.frozen_through or 0
    upto = session.scalar(
        select(
            func.max(
                select(Contact.id)
                .where(Contact.id > after)
                .order_by(Contact.id)
                .limit(CHUNK)
                .subquery()
                .c.id
            )
        )
    )
    if upto is None:
        campaign.frozen_at = now
        return True
    _insert_deliveries(session, campaign, audience, after, upto, now=now)
    _give_one_copy_a_mailbox(session, campaign.id, after, upto)
    _make_batches(session, campaign.id, after, upto, now=now)
    campaign.frozen_through = upto
    return False


def _insert_deliveries(
    session: Session,
    campaign: Campaign,
    audience: Audience,
    after: int,
    upto: int,
    *,
    now: datetime,
) -> None:
    people = (
        people_of(audience, now=now)
        .where(
            Contact.id > after,
            Contact.id <= upto,
            # The bound is set on both: a merge join would otherwise begin with the first
            # subscription.
            Subscription.contact_id > after,
            Subscription.contact_id <= upto,
        )
        .order_by(Contact.id)
        .subquery()
    )
    status = case(
        (people.c.reason.is_(None), literal(DeliveryStatus.PENDING.value)),
        else_=literal(DeliveryStatus.EXCLUDED.value),
    )
    session.execute(
        insert(Delivery).from_select(
            ["campaign_id", "contact_id", "address", "status", "reason", "attempts", "changed_at"],
            select(
                literal(campaign.id),
                people.c.contact_id,
                people.c.address,
                status,
                people.c.reason,
                literal(0),
                literal(now, Delivery.changed_at.type),
            ),
            include_defaults=False,
        )
    )


def _give_one_copy_a_mailbox(session: Session, campaign_id: int, after: int, upto: int) -> None:
    """Exclude people who share a mailbox with somebody of a lower id who gets a copy.

    Contacts are frozen in the order of their ids, so the one who was here first is in already.
    """
    sharing = _sharing(session, after, upto)
    other, theirs = aliased(Contact), aliased(Delivery)
    first = exists().where(
        other.address_key == Contact.address_key,
        other.id < Contact.id,
        theirs.campaign_id == campaign_id,
        theirs.contact_id == other.id,
        # Their copy may have gone already, while another campaign keeps couriers busy.
        theirs.status != DeliveryStatus.EXCLUDED,
    )
    for start in range(0, len(sharing), 500):
        some = sharing[start : start + 500]
        second = (
            select(Delivery.id)
            .join(Contact, Contact.id == Delivery.contact_id)
            .where(
                Delivery.campaign_id == campaign_id,
                Delivery.status == DeliveryStatus.PENDING,
                Delivery.contact_id.in_(some),
                first,
            )
        )
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(session.scalars(second).all()))
            .values(status=DeliveryStatus.EXCLUDED, reason=Exclusion.SAME_ADDRESS.value)
        )


def _sharing(session: Session, after: int, upto: int) -> Sequence[int]:
    """Who of these contacts shares a mailbox with somebody of a lower id: few, as a rule."""
    other = aliased(Contact)
    # A value, and no EXISTS: that would be planned as a join with all contacts there are.
    lower = (
        select(func.min(other.id))
        .where(other.address_key == Contact.address_key, other.id < Contact.id)
        .scalar_subquery()
    )
    return session.scalars(
        select(Contact.id).where(Contact.id > after, Contact.id <= upto, lower.is_not(None))
    ).all()


def _waiting(campaign_id: int, after: int, upto: int) -> list[ColumnElement[bool]]:
    return [
        Delivery.campaign_id == campaign_id,
        Delivery.contact_id > after,
        Delivery.contact_id <= upto,
        Delivery.status == DeliveryStatus.PENDING,
    ]


def _make_batches(
    session: Session, campaign_id: int, after: int, upto: int, *, now: datetime
) -> None:
    waiting = _waiting(campaign_id, after, upto)
    number = session.scalar(select(func.count()).select_from(Delivery).where(*waiting)) or 0
    # Small audiences are cut finer, so that every connection has something to carry.
    size = max(_SMALLEST_BATCH, min(_LARGEST_BATCH, number // 32))
    place = func.row_number().over(order_by=Delivery.id) - 1
    placed = select(Delivery.id, (place // size).label("bucket")).where(*waiting).subquery()
    session.execute(
        insert(Batch).from_select(
            ["campaign_id", "first_id", "last_id", "open", "due_at"],
            select(
                literal(campaign_id),
                func.min(placed.c.id),
                func.max(placed.c.id),
                literal(True),
                literal(now, Batch.due_at.type),
            ).group_by(placed.c.bucket),
            include_defaults=False,
        )
    )
