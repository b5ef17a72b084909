"""The verdicts on opens and clicks, worked out from what the database has, as often as wanted.

Whenever a copy is requested, its requests of late and those of their sources are judged together.
So a verdict may change for a while after the request: a machine shows itself by what follows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, String, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import TypeEngine

from contacts.bulk import among, listed, rows_of
from contacts.database import Database
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict
from mailer.receipts.tracking.classes import KNOWN_BY, TrackedRequest, classify
from mailer.receipts.tracking.grounds import in_words, of_words

MOST: Final = 64  # requests of one copy, and of one source, that are judged together: the newest
SOURCES_KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 500  # copies whose requests are judged in one transaction when all are
_TRACKED: Final = (ReceiptKind.OPENED, ReceiptKind.CLICKED)
_CHANGES: Final[dict[str, TypeEngine[Any]]] = {
    "id": BigInteger(),
    "verdict": String(12),
    "grounds": String(160),
}


class _Kept(NamedTuple):
    """A receipt of an open or a click, and when its copy was accepted."""

    id: int
    delivery_id: int
    link: int | None
    at: datetime
    source: str | None
    grounds: str | None
    verdict: Verdict
    status: DeliveryStatus
    code: int | None
    changed_at: datetime


def judge_copies(session: Session, delivery_ids: Collection[int]) -> int:
    """Judge the newest requests of these copies, and of copies with a source in common.

    Gives how many verdicts or grounds have changed.
    """
    kept = _of_copies(session, delivery_ids)
    sources = {each.source for each in kept if each.source}
    shared = _at_several_copies(_of_sources(session, sources))
    elsewhere = {each.delivery_id for each in shared} - set(delivery_ids)
    kept += _of_copies(session, elsewhere)
    return _judge(session, list({each.id: each for each in [*kept, *shared]}.values()))


def judge_again(database: Database, campaign_id: int) -> tuple[int, int]:
    """Judge every open and click of an issue anew, by the thresholds of now.

    Gives how many there are and how many verdicts or grounds have changed.
    """
    seen = changed = 0
    for ids in _pages_of_copies(database, campaign_id):
        with database.writing() as session:
            changed += judge_copies(session, ids)
            seen += _number(session, ids)
    return seen, changed


def forget_sources(session: Session, *, now: datetime) -> None:
    """Forget which source requests came from, once it is no longer needed to judge others by."""
    session.execute(
        update(Receipt)
        .where(Receipt.source.is_not(None), Receipt.at < now - SOURCES_KEPT)
        .values(source=None)
        .execution_options(synchronize_session=False)
    )


def _number(session: Session, delivery_ids: Sequence[int]) -> int:
    which = among(session, Receipt.delivery_id, delivery_ids)
    number = select(func.count()).select_from(Receipt).where(which, Receipt.kind.in_(_TRACKED))
    return session.scalar(number) or 0


def _pages_of_copies(database: Database, campaign_id: int) -> Iterator[list[int]]:
    last = 0
    while True:
        with database.reading() as session:
            ids = list(
                session.scalars(
                    select(Receipt.delivery_id)
                    .where(
                        Receipt.campaign_id == campaign_id,
                        Receipt.kind.in_(_TRACKED),
                        Receipt.delivery_id > last,
                    )
                    .distinct()
                    .order_by(Receipt.delivery_id)
                    .limit(_AT_ONCE)
                )
            )
        if not ids:
            return
        yield ids
        last = ids[-1]


def _of_copies(session: Session, delivery_ids: Collection[int]) -> list[_Kept]:
    return _newest(session, Receipt.delivery_id, sorted(delivery_ids), BigInteger())


def _of_sources(session: Session, sources: Collection[str]) -> list[_Kept]:
    return _newest(session, Receipt.source, sorted(sources), String())


def _at_several_copies(kept: Sequence[_Kept]) -> list[_Kept]:
    """The requests of sources that were at so many copies that they may have to do with another."""
    copies: dict[str | None, set[int]] = defaultdict(set)
    for each in kept:
        copies[each.source].add(each.delivery_id)
    several = {source for source, those in copies.items() if len(those) >= KNOWN_BY}
    return [each for each in kept if each.source in several]


def _newest(
    session: Session,
    column: InstrumentedAttribute[Any],
    values: Sequence[Any],
    kind: TypeEngine[Any],
) -> list[_Kept]:
    """The newest requests for each value of ``column``; an index has them in this order."""
    if not values:
        return []
    given = select(listed(session, values, kind).label("value")).subquery()
    newer = aliased(Receipt)
    oldest = (
        select(newer.id)
        .where(getattr(newer, column.key) == given.c.value, newer.kind.in_(_TRACKED))
        .order_by(newer.id.desc())
        .offset(MOST - 1)
        .limit(1)
        .correlate(given)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Receipt.id,
            Receipt.delivery_id,
            Receipt.link,
            Receipt.at,
            Receipt.source,
            Receipt.grounds,
            Receipt.verdict,
            Delivery.status,
            Delivery.code,
            Delivery.changed_at,
        )
        .select_from(given)
        .join(Receipt, column == given.c.value)
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .where(Receipt.kind.in_(_TRACKED), Receipt.id >= func.coalesce(oldest, 0))
    )
    return [_Kept._make(row) for row in rows]


def _judge(session: Session, kept: Sequence[_Kept]) -> int:
    requests = [_request_of(each) for each in kept]
    classify(requests)
    changes = []
    for receipt, request in zip(kept, requests, strict=True):
        verdict = Verdict.PERSON if request.by_person else Verdict.AUTOMATIC
        grounds = in_words(request.grounds)
        if (verdict, grounds) != (receipt.verdict, receipt.grounds):
            changes.append({"id": receipt.id, "verdict": verdict.value, "grounds": grounds})
    if changes:
        given = rows_of(session, changes, _CHANGES)
        session.execute(
            update(Receipt)
            .where(Receipt.id == given.c.id)
            .values(verdict=given.c.verdict, grounds=given.c.grounds)
            .execution_options(synchronize_session=False)
        )
    return len(changes)


def _request_of(kept: _Kept) -> TrackedRequest:
    # What was in doubt was taken at a time that nobody knows: there is no reply of the relay.
    is_known = kept.status is DeliveryStatus.ACCEPTED and kept.code is not None
    return TrackedRequest(
        copy=kept.delivery_id,
        link=kept.link or 0,
        at=kept.at.timestamp(),
        accepted_at=kept.changed_at.timestamp() if is_known else None,
        source=kept.source or "",
        grounds=of_words(kept.grounds),
    )
