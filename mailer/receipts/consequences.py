"""Applies reports: writes receipts, and the suppressions they lead to.

A hard bounce means that the mailbox does not exist: the address is suppressed at once. Soft bounces
are counted, one a campaign, and the count ends with the first mail that does not come back. What a
filter held against the sender is never held against the person. Reports on system mail are applied
alike, but they belong to no campaign: none is counted, and no subscription changes. A person can
undo everything that is done here.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, TextClause, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import SuppressionReason
from contacts.permission.subscriptions import unsubscribe
from contacts.permission.suppressions import suppress
from mailer.models import (
    Campaign,
    Delivery,
    DeliveryStatus,
    Receipt,
    ReceiptKind,
    SystemMail,
    SystemMailReceipt,
    Verdict,
)
from mailer.receipts.bounces import BounceKind, Report
from mailer.receipts.matching import MatchedReport
from mailer.receipts.thresholds import warn_or_pause

# Reasons that are about the sender, the message or a moment's load, and not about the address.
BLAMELESS: Final = frozenset(
    "authfailure badreputation blocked contenterror exceedlimit filtered mesgtoobig norelaying "
    "notcompliantrfc policyviolation rejected requireptr securityerror spamdetected speeding "
    "syntaxerror toomanyconn virusdetected".split()
)
_MOST_SOFT: Final = 5  # campaigns in a row that came back
_SOFT_SPAN: Final = timedelta(days=14)  # and over at least so long
_QUIET: Final = timedelta(days=3)  # a mail that has not come back by then has arrived
_CAMPAIGNS_READ: Final = 50
_KINDS: Final = {
    BounceKind.HARD: ReceiptKind.HARD_BOUNCED,
    BounceKind.SOFT: ReceiptKind.SOFT_BOUNCED,
    BounceKind.COMPLAINT: ReceiptKind.COMPLAINED,
    BounceKind.UNSUBSCRIBE: ReceiptKind.UNSUBSCRIBED,
}
_SUPPRESSION_REASONS: Final = {
    BounceKind.HARD: SuppressionReason.BOUNCED,
    BounceKind.COMPLAINT: SuppressionReason.COMPLAINED,
}


def apply(session: Session, matched: MatchedReport, *, now: datetime) -> bool:
    """Apply a report; False when it changes nothing, or was applied before."""
    if matched.about is None:
        return False
    if matched.about.notice_id is not None:
        return _apply_to_system_mail(session, matched.about.notice_id, matched, now)
    assert matched.about.delivery_id is not None
    return _apply_to_delivery(session, matched.about.delivery_id, matched, now)


def _apply_to_delivery(
    session: Session, delivery_id: int, matched: MatchedReport, now: datetime
) -> bool:
    report = matched.report
    if report.reason == "delivered":
        why = "It was reported as delivered."
        prove_carried(session, Delivery.id == delivery_id, why, now=now)
    if report.kind not in _KINDS:
        return False
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or not delivery.address:
        return False
    if not _add_receipt(session, delivery, report, matched.key, now):
        return False
    why = "Something came back, so the relay had taken it."
    prove_carried(session, Delivery.id == delivery.id, why, now=now)
    # The address that was written to: the person may have another one by now.
    address, source = delivery.address, Actor(ActorKind.DELIVERY, delivery.id)
    detail = _detail(report)
    match report.kind:
        case BounceKind.HARD | BounceKind.COMPLAINT:
            _suppress(session, address, report.kind, source, detail, now=now)
            if report.kind is BounceKind.COMPLAINT:
                _unsubscribe(session, delivery, Actor(ActorKind.SPAM_BUTTON), now)
        case BounceKind.UNSUBSCRIBE:
            _unsubscribe(session, delivery, Actor(ActorKind.UNSUBSCRIBE_MAIL), now)
        case BounceKind.SOFT if not report.delayed and _keeps_bouncing(session, delivery, now):
            explanation = f"came back from {_MOST_SOFT} issues in a row; the last time: {detail}"
            _suppress(session, address, BounceKind.HARD, source, explanation, now=now)
    warn_or_pause(session, delivery.campaign_id, now=now)
    return True


def _apply_to_system_mail(
    session: Session, notice_id: int, matched: MatchedReport, now: datetime
) -> bool:
    report = matched.report
    notice = session.get(SystemMail, notice_id)
    if notice is None or report.kind not in _KINDS:
        return False
    values = {"notice_id": notice_id, **_receipt_values(report, matched.key, now)}
    if not _add_once(session, SystemMailReceipt, values):
        return False
    if report.kind in _SUPPRESSION_REASONS:
        source, detail = Actor(ActorKind.NOTICE, notice_id), _detail(report)
        _suppress(session, notice.to_address, report.kind, source, detail, now=now)
    return True


def prove_carried(session: Session, which: ColumnElement[bool], why: str, *, now: datetime) -> None:
    """Mark deliveries in doubt as accepted: a report or a hit proves that the relay took them."""
    session.execute(
        update(Delivery)
        .where(which, Delivery.status == DeliveryStatus.UNCERTAIN)
        .values(status=DeliveryStatus.ACCEPTED, text=why, changed_at=now)
        .execution_options(synchronize_session=False)
    )


def _add_receipt(
    session: Session, delivery: Delivery, report: Report, key: str, now: datetime
) -> bool:
    values = {
        "campaign_id": delivery.campaign_id,
        "delivery_id": delivery.id,
        "verdict": Verdict.AUTOMATIC,
        **_receipt_values(report, key, now),
    }
    return _add_once(session, Receipt, values, where=text("key IS NOT NULL"))


def _receipt_values(report: Report, key: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": ReceiptKind.DELAYED if report.delayed else _KINDS[report.kind],
        "at": now,
        "reason": report.reason or None,
        "code": report.status or None,
        "detail": report.diagnostic or None,
        "key": key,
    }


def _add_once(
    session: Session,
    table: type[Receipt | SystemMailReceipt],
    values: dict[str, Any],
    *,
    where: TextClause | None = None,
) -> bool:
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = session.execute(
        kind.insert(table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["key"], index_where=where)
        .returning(table.id)
    ).first()
    return added is not None


def _detail(report: Report) -> str:
    return report.diagnostic or f"{report.reason} {report.status}".strip()


def _suppress(
    session: Session, address: str, kind: BounceKind, source: Actor, detail: str, *, now: datetime
) -> None:
    why = _SUPPRESSION_REASONS[kind]
    suppress(session, address.lower(), why, source=source, detail=detail, now=now)


def _unsubscribe(session: Session, delivery: Delivery, source: Actor, now: datetime) -> None:
    campaign = session.get_one(Campaign, delivery.campaign_id)
    unsubscribe(session, delivery.contact_id, campaign.newsletter_id, source=source, now=now)


def _keeps_bouncing(session: Session, delivery: Delivery, now: datetime) -> bool:
    came_back = exists().where(
        Receipt.delivery_id == Delivery.id,
        Receipt.kind == ReceiptKind.SOFT_BOUNCED,
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
        .limit(_CAMPAIGNS_READ)
    )
    times: list[datetime] = []
    for started_at, back in rows:
        assert started_at is not None  # something of it has been accepted
        if back:
            times.append(started_at)
        elif started_at < now - _QUIET:
            break
    return len(times) >= _MOST_SOFT and times[0] - times[-1] >= _SOFT_SPAN
