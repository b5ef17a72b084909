"""What is done about what was heard: receipts, and the suppressions they lead to.

Hard means that nobody is there: the address is left alone at once. Soft is counted, a campaign at a
time, and forgotten with the first mail that does not come back. What a filter held against the
sender is never held against the person. Everything here can be taken back by a person.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.models import SuppressionReason
from contacts.subscriptions import unsubscribe
from contacts.suppressions import suppress
from mailer.models import Campaign, Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict
from mailer.receipts.alarms import look_out
from mailer.receipts.bounces import Kind, Report
from mailer.receipts.hearing import Heard

# Said of the sender, the message or a moment's load: they say nothing about the address.
BLAMELESS: Final = frozenset(
    "authfailure badreputation blocked contenterror exceedlimit filtered mesgtoobig norelaying "
    "notcompliantrfc policyviolation rejected requireptr securityerror spamdetected speeding "
    "syntaxerror toomanyconn virusdetected".split()
)
_MOST_SOFT: Final = 5  # campaigns in a row that came back
_SOFT_SPAN: Final = timedelta(days=14)  # and over at least so long
_QUIET: Final = timedelta(days=3)  # a mail that has not come back by then has arrived
_LOOKED_AT: Final = 50
_KINDS: Final = {
    Kind.HARD: ReceiptKind.BOUNCED,
    Kind.SOFT: ReceiptKind.RETURNED,
    Kind.COMPLAINT: ReceiptKind.COMPLAINED,
    Kind.UNSUBSCRIBE: ReceiptKind.UNSUBSCRIBED,
}


def act(session: Session, heard: Heard, *, now: datetime) -> bool:
    """Take in what was heard; False when it changes nothing, or was told before."""
    report = heard.report
    if heard.delivery_id is None:
        return False
    if report.reason == "delivered":
        why = "It was reported as delivered."
        prove_carried(session, Delivery.id == heard.delivery_id, why, now=now)
    if report.kind not in _KINDS:
        return False
    delivery = session.get(Delivery, heard.delivery_id)
    if delivery is None or not delivery.address:
        return False
    if not _keep(session, delivery, report, heard.key, now):
        return False
    why = "Something came back, so the relay had taken it."
    prove_carried(session, Delivery.id == delivery.id, why, now=now)
    detail = report.diagnostic or f"{report.reason} {report.status}".strip()
    match report.kind:
        case Kind.HARD:
            _leave_alone(session, delivery, SuppressionReason.BOUNCED, detail, now=now)
        case Kind.COMPLAINT:
            _leave_alone(session, delivery, SuppressionReason.COMPLAINED, detail, now=now)
            _unsubscribe(session, delivery, "marked as spam", now)
        case Kind.UNSUBSCRIBE:
            _unsubscribe(session, delivery, "mail to the unsubscribe address", now)
        case Kind.SOFT if not report.delayed and _comes_back_always(session, delivery, now):
            words = f"came back from {_MOST_SOFT} issues in a row; the last time: {detail}"
            _leave_alone(session, delivery, SuppressionReason.BOUNCED, words, now=now)
    look_out(session, delivery.campaign_id, now=now)
    return True


def prove_carried(session: Session, which: ColumnElement[bool], why: str, *, now: datetime) -> None:
    """Deliveries in doubt that something was heard of have been carried: that is evidence."""
    session.execute(
        update(Delivery)
        .where(which, Delivery.status == DeliveryStatus.UNCERTAIN)
        .values(status=DeliveryStatus.ACCEPTED, text=why, changed_at=now)
        .execution_options(synchronize_session=False)
    )


def _keep(session: Session, delivery: Delivery, report: Report, key: str, now: datetime) -> bool:
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = session.execute(
        kind.insert(Receipt)
        .values(
            campaign_id=delivery.campaign_id,
            delivery_id=delivery.id,
            kind=ReceiptKind.DELAYED if report.delayed else _KINDS[report.kind],
            verdict=Verdict.AUTOMATIC,
            at=now,
            reason=report.reason or None,
            code=report.status or None,
            detail=report.diagnostic or None,
            key=key,
        )
        .on_conflict_do_nothing(index_elements=["key"], index_where=text("key IS NOT NULL"))
        .returning(Receipt.id)
    ).first()
    return added is not None


def _leave_alone(
    session: Session, delivery: Delivery, why: SuppressionReason, detail: str, *, now: datetime
) -> None:
    # The address that was written to: the person may have another one by now.
    key = (delivery.address or "").lower()
    suppress(session, key, why, source=f"delivery {delivery.id}", detail=detail, now=now)


def _unsubscribe(session: Session, delivery: Delivery, source: str, now: datetime) -> None:
    campaign = session.get_one(Campaign, delivery.campaign_id)
    unsubscribe(session, delivery.contact_id, campaign.newsletter_id, source=source, now=now)


def _comes_back_always(session: Session, delivery: Delivery, now: datetime) -> bool:
    came_back = exists().where(
        Receipt.delivery_id == Delivery.id,
        Receipt.kind == ReceiptKind.RETURNED,
        Receipt.reason.not_in(BLAMELESS),
    )
    rows = session.execute(
        select(Campaign.started_at, came_back)
        .join(Delivery, Delivery.campaign_id == Campaign.id)
        .where(
            Delivery.contact_id == delivery.contact_id,
            Delivery.address == delivery.address,
            Delivery.status == DeliveryStatus.ACCEPTED,
        )
        .order_by(Campaign.started_at.desc())
        .limit(_LOOKED_AT)
    )
    times: list[datetime] = []
    for started_at, back in rows:
        assert started_at is not None  # something of it has been accepted
        if back:
            times.append(started_at)
        elif started_at < now - _QUIET:
            break
    return len(times) >= _MOST_SOFT and times[0] - times[-1] >= _SOFT_SPAN
