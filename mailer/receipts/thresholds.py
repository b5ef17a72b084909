"""Warns on a campaign, then pauses it, when too many complaints or blocks come back.

Mailbox providers want fewer than 0.1 % complaints and refuse mail from 0.3 % on; a wave of
refusals that are about the sender (a blocklist, a failed check of the sender) only grows when the
sending goes on.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.campaigns import sending
from mailer.models import Campaign, CampaignStatus, Delivery, DeliveryStatus, Receipt, ReceiptKind

_THRESHOLD: Final = Actor(ActorKind.THRESHOLD)
_WARNED_AT: Final = 0.001
_STOPPED_AT: Final = 0.003
_FEWEST_SENT: Final = 1_000  # copies that have gone, before a share of them is meaningful
_FEWEST_BLOCKS: Final = 20
_BLOCKS_STOPPED_AT: Final = 0.05
_BLOCKS: Final = frozenset(
    "authfailure badreputation blocked norelaying policyviolation rejected requireptr "
    "securityerror spamdetected virusdetected".split()
)


def warn_or_pause(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Warn on a campaign that is being sent, or pause it, when its receipts pass a threshold."""
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.status is not CampaignStatus.SENDING:
        return
    complaints = _deliveries_with(session, campaign_id, Receipt.kind == ReceiptKind.COMPLAINED)
    blocks = _deliveries_with(
        session, campaign_id, Receipt.kind == ReceiptKind.SOFT_BOUNCED, Receipt.reason.in_(_BLOCKS)
    )
    if not complaints and blocks < _FEWEST_BLOCKS:
        return
    sent = _sent(session, campaign_id)
    if blocks >= _FEWEST_BLOCKS and blocks >= sent * _BLOCKS_STOPPED_AT:
        why = (
            f"{blocks} copies came back because receiving systems object to the sender, not to"
            " the address. Look at the reasons in the report before you go on."
        )
        sending.pause(session, campaign_id, why=why, actor=_THRESHOLD, now=now)
    elif sent >= _FEWEST_SENT and complaints >= sent * _STOPPED_AT:
        why = f"{complaints} of {sent} people marked this as spam: providers refuse such mail."
        sending.pause(session, campaign_id, why=why, actor=_THRESHOLD, now=now)
    elif sent >= _FEWEST_SENT and complaints >= sent * _WARNED_AT:
        sentence = f"{complaints} of {sent} people marked this as spam: that is too many."
        sending.note(session, campaign_id, sentence)


def _deliveries_with(session: Session, campaign_id: int, *what: ColumnElement[bool]) -> int:
    query = select(func.count(func.distinct(Receipt.delivery_id))).where(
        Receipt.campaign_id == campaign_id, *what
    )
    return session.scalar(query) or 0


def _sent(session: Session, campaign_id: int) -> int:
    query = select(func.count()).where(
        Delivery.campaign_id == campaign_id, Delivery.status == DeliveryStatus.ACCEPTED
    )
    return session.scalar(query) or 0
