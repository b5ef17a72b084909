"""The record of what each person did to an issue, from which it can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring.revisions import loses_nothing
from mailer.models import Campaign, Change, ChangeKind, ChangeState

ONE_GO: Final = timedelta(seconds=30)  # what is typed in so long is one change
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """What was done: ``before`` and ``after`` as in ``Change``."""

    kind: ChangeKind
    what: str
    block_id: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    stood_after: str = ""
    stands_after: str = ""


def record(
    session: Session, campaign: Campaign, step: RecordedStep, *, actor: Actor, now: datetime
) -> int:
    """Write a step down; its number. What the person had undone can't be done again after it."""
    last = newest(session, campaign.id)
    if last is not None and _goes_on(last, step, actor, now):
        last.after, last.what, last.ended_at = _plain(step.after), _short(step.what), now
        return last.id
    session.execute(
        update(Change)
        .where(
            Change.campaign_id == campaign.id,
            Change.actor == actor,
            Change.state == ChangeState.UNDONE,
        )
        .values(state=ChangeState.LEFT)
    )
    change = Change(
        campaign_id=campaign.id,
        actor=actor,
        at=now,
        ended_at=now,
        kind=step.kind,
        state=ChangeState.DONE,
        block_id=step.block_id,
        what=_short(step.what),
        before=_plain(step.before),
        after=_plain(step.after),
        stood_after=step.stood_after,
        stands_after=step.stands_after,
    )
    session.add(change)
    session.flush()
    return change.id


def newest(session: Session, campaign_id: int, block_id: str | None = None) -> Change | None:
    """The last thing that anybody did to the issue, or to one block of it."""
    query = select(Change).where(Change.campaign_id == campaign_id)
    if block_id is not None:
        query = query.where(Change.block_id == block_id, Change.kind != ChangeKind.SET_ASIDE)
    return session.scalar(query.order_by(Change.id.desc()).limit(1))


def _goes_on(last: Change, step: RecordedStep, actor: Actor, now: datetime) -> bool:
    """Whether a step belongs to the one before: more words, no fewer, in one go at one block."""
    return (
        last.kind is ChangeKind.EDITED
        and step.kind is ChangeKind.EDITED
        and last.state is ChangeState.DONE
        and last.actor == actor
        and last.block_id == step.block_id
        and last.after == step.before
        and now - last.at < ONE_GO
        and loses_nothing(last.after or {}, step.after or {})
    )


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else dict(value)


def _short(what: str) -> str:
    return what if len(what) <= _LONGEST_NAME else what[: _LONGEST_NAME - 1] + "…"
