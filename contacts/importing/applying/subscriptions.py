"""Subscriptions of many people at once, each with its line in the ledger of consent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, insert, literal, select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.bulk import insert_new, listed
from contacts.database import Instant, RowId
from contacts.models import Consent, ConsentAct, ConsentPurpose, Subscription, SubscriptionStatus


@dataclass(frozen=True, slots=True)
class Consenting:
    """What every consent of this import says."""

    newsletter_id: int
    basis: str | None
    source: Actor
    at: datetime


def subscribe(session: Session, ids: Collection[int | None], consent: Consenting) -> None:
    if ids:
        names, rows = _subscriptions(listed(session, ids, RowId), consent)
        session.execute(insert(Subscription).from_select(names, rows))
        _consent(session, ids, consent)


def subscribe_known(session: Session, ids: Collection[int | None], consent: Consenting) -> None:
    if ids:
        # A person may have decided for themselves a moment ago: what they said stands.
        names, rows = _subscriptions(listed(session, ids, RowId), consent)
        made = insert_new(session, Subscription.__table__, names, rows, "contact_id")
        _consent(session, made, consent)


def _subscriptions(
    ids: ColumnElement[int], consent: Consenting
) -> tuple[list[str], Select[*tuple[Any, ...]]]:
    return ["contact_id", "newsletter_id", "status", "changed_at"], select(
        ids,
        literal(consent.newsletter_id, RowId),
        literal(SubscriptionStatus.SUBSCRIBED, Subscription.status.type),
        literal(consent.at, Instant()),
    )


def _consent(session: Session, ids: Collection[int | None], consent: Consenting) -> None:
    rows = select(
        listed(session, ids, RowId),
        literal(consent.newsletter_id, RowId),
        literal(ConsentPurpose.MAILING, Consent.purpose.type),
        literal(ConsentAct.GIVEN, Consent.act.type),
        literal(consent.at, Instant()),
        literal(consent.source, Consent.source.type),
        literal(consent.basis, String()),
    )
    names = ["contact_id", "newsletter_id", "purpose", "act", "at", "source", "basis"]
    session.execute(insert(Consent).from_select(names, rows))
