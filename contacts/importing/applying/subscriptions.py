"""Subscriptions of many people at once, each with its line in the ledger of consent."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, insert, literal, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts.actors import Actor
from contacts.bulk import insert_new, listed, rows_of
from contacts.database import Instant, RowId
from contacts.importing.applying.decision import SubscriptionMove
from contacts.models import Consent, ConsentAct, ConsentPurpose, Subscription, SubscriptionStatus

_ACTS: Final = {
    SubscriptionStatus.PENDING: ConsentAct.ASKED,
    SubscriptionStatus.SUBSCRIBED: ConsentAct.GIVEN,
    SubscriptionStatus.UNSUBSCRIBED: ConsentAct.WITHDRAWN,
}
_COLUMNS: Final[Mapping[str, TypeEngine[Any]]] = {
    "contact_id": RowId,
    "newsletter_id": RowId,
    "at": Instant(),
    "basis": String(),
}
_NAMES: Final = ["contact_id", "newsletter_id", "status", "changed_at"]
_CONSENT: Final = ["contact_id", "newsletter_id", "purpose", "act", "at", "source", "basis"]


@dataclass(frozen=True, slots=True)
class Consenting:
    """What every consent of this import says."""

    basis: str | None
    source: Actor
    at: datetime


def subscribe(
    session: Session, ids: Collection[int | None], newsletter_id: int, consent: Consenting
) -> None:
    """People who have just been added, and of whom the file says nothing else."""
    if ids:
        rows = _subscriptions(listed(session, ids, RowId), newsletter_id, consent)
        session.execute(insert(Subscription).from_select(_NAMES, rows))
        _consent(session, ids, newsletter_id, consent)


def subscribe_known(
    session: Session, ids: Collection[int | None], newsletter_id: int, consent: Consenting
) -> None:
    """The same for people who were there: what they said themselves a moment ago stands."""
    if ids:
        rows = _subscriptions(listed(session, ids, RowId), newsletter_id, consent)
        made = insert_new(session, Subscription.__table__, _NAMES, rows, "contact_id")
        _consent(session, made, newsletter_id, consent)


def settle(
    session: Session,
    moves: Sequence[tuple[int, int, SubscriptionMove]],
    status: SubscriptionStatus,
    consent: Consenting,
) -> None:
    """People (with a newsletter each) of whom the file says when, why, or something else than yes.

    A no also ends a subscription that is there; anything else only adds where there is none.
    """
    if not moves:
        return
    by_newsletter: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for contact_id, newsletter_id, move in moves:
        by_newsletter[newsletter_id].append(
            {
                "contact_id": contact_id,
                "newsletter_id": newsletter_id,
                "at": move.at if move.at and move.at <= consent.at else consent.at,
                "basis": move.why if status is SubscriptionStatus.UNSUBSCRIBED else consent.basis,
            }
        )
    for newsletter_id, rows in by_newsletter.items():
        _settle(session, rows, newsletter_id, status, consent)


def _settle(
    session: Session,
    rows: list[dict[str, Any]],
    newsletter_id: int,
    status: SubscriptionStatus,
    consent: Consenting,
) -> None:
    table = rows_of(session, rows, _COLUMNS)
    wanted = select(
        table.c.contact_id,
        table.c.newsletter_id,
        literal(status, Subscription.status.type),
        table.c.at,
    )
    made = set(insert_new(session, Subscription.__table__, _NAMES, wanted, "contact_id"))
    if status is SubscriptionStatus.UNSUBSCRIBED:
        ended = session.scalars(
            update(Subscription)
            .where(
                Subscription.newsletter_id == newsletter_id,
                Subscription.contact_id == table.c.contact_id,
                Subscription.status != status,
            )
            .values(status=status, changed_at=table.c.at)
            .returning(Subscription.contact_id),
            execution_options={"synchronize_session": False},
        )
        made |= set(ended)
    _ledger(session, [row for row in rows if row["contact_id"] in made], status, consent)


def _ledger(
    session: Session, rows: list[dict[str, Any]], status: SubscriptionStatus, consent: Consenting
) -> None:
    if not rows:
        return
    table = rows_of(session, rows, _COLUMNS)
    lines = select(
        table.c.contact_id,
        table.c.newsletter_id,
        literal(ConsentPurpose.MAILING, Consent.purpose.type),
        literal(_ACTS[status], Consent.act.type),
        table.c.at,
        literal(consent.source, Consent.source.type),
        table.c.basis,
    )
    session.execute(insert(Consent).from_select(_CONSENT, lines))


def _subscriptions(
    ids: ColumnElement[int], newsletter_id: int, consent: Consenting
) -> Select[*tuple[Any, ...]]:
    return select(
        ids,
        literal(newsletter_id, RowId),
        literal(SubscriptionStatus.SUBSCRIBED, Subscription.status.type),
        literal(consent.at, Instant()),
    )


def _consent(
    session: Session, ids: Collection[int | None], newsletter_id: int, consent: Consenting
) -> None:
    rows = select(
        listed(session, ids, RowId),
        literal(newsletter_id, RowId),
        literal(ConsentPurpose.MAILING, Consent.purpose.type),
        literal(ConsentAct.GIVEN, Consent.act.type),
        literal(consent.at, Instant()),
        literal(consent.source, Consent.source.type),
        literal(consent.basis, String()),
    )
    session.execute(insert(Consent).from_select(_CONSENT, rows))
