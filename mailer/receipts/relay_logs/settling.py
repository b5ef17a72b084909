"""Settles deliveries in doubt by the log of the relay: those that it had accepted are accepted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.models import Delivery, DeliveryStatus
from mailer.receipts.relay_logs.reading import queue_ids_in
from mailer.security.tokens import Purpose, Tokens

_AT_ONCE: Final = 500


def accepted_in(lines: Iterable[str], *, tokens: Tokens) -> dict[int, str]:
    """The deliveries that a log shows as accepted, with their queue ids.

    A Message-ID is believed only by its own code. A log is long: nobody reads it within a
    transaction.
    """
    queue_ids: dict[int, str] = {}
    for token, queue_id in queue_ids_in(lines).items():
        found = tokens.open_from_mail(Purpose.MESSAGE, token)
        if found is not None and found[1] == 0:  # else it is a system mail's
            queue_ids[found[0]] = queue_id
    return queue_ids


def settle_by_log(
    session: Session,
    campaign_id: int,
    queue_ids: Mapping[int, str],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Mark as accepted what is in doubt of an issue and ``accepted_in`` a log; gives how many."""
    ids, settled = sorted(queue_ids), 0
    for start in range(0, len(ids), _AT_ONCE):
        doubtful = session.scalars(
            select(Delivery.id).where(
                Delivery.campaign_id == campaign_id,
                Delivery.id.in_(ids[start : start + _AT_ONCE]),
                Delivery.status == DeliveryStatus.UNCERTAIN,
            )
        ).all()
        for each in doubtful:
            session.execute(
                update(Delivery)
                .where(Delivery.id == each, Delivery.status == DeliveryStatus.UNCERTAIN)
                .values(
                    status=DeliveryStatus.ACCEPTED,
                    text=f"The mail server's log has it as {queue_ids[each]}.",
                    changed_at=now,
                )
            )
        settled += len(doubtful)
    if settled:
        act = "copies in doubt settled by a log"
        note(session, find(session, campaign_id), act, actor=actor, now=now, copies=settled)
    return settled
