"""Asks for the addresses of an issue in the background: some time after an edit, and before it is
approved. No transaction is open while servers are asked."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mailer.bootstrap import Mailer
from mailer.campaigns import due
from mailer.campaigns.checks.facts import digest_of
from mailer.campaigns.checks.reading import read_issue
from mailer.fetching.asking import AddressAnswer, Answered, AskingAllowance
from mailer.models import EDITABLE, Campaign, CheckedAddress, Step, StepKind

log = structlog.get_logger(__name__)

_FRESH: Final = timedelta(hours=1)
_IN_DOUBT: Final = timedelta(minutes=10)  # what did not work may have been mended since
_KEPT: Final = timedelta(days=90)
_AT_ONCE: Final = 100  # issues
_LONGEST_RUN: Final = timedelta(minutes=2)
_SPARE: Final = timedelta(minutes=1)  # the last request of a run may begin at its end
_NEXT_RUN: Final = timedelta(minutes=1)


def ask_soon(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Have them asked now: somebody is about to decide."""
    due.put(session, StepKind.ADDRESSES, campaign_id, due_at=now)


def awaiting(session: Session, *, now: datetime) -> list[int]:
    """The issues whose addresses are due."""
    query = select(Step.subject_id).where(
        Step.kind == StepKind.ADDRESSES, Step.done_at.is_(None), Step.due_at <= now
    )
    return list(session.scalars(query.order_by(Step.due_at).limit(_AT_ONCE)))


def ask_addresses(mailer: Mailer, campaign_id: int) -> int:
    """Ask for the addresses of an issue that nobody asked for lately; how many were asked.

    What a run has no time for is left for the next one. Of two runs at once one has nothing to do.
    """
    began = mailer.clock()
    until = began + _LONGEST_RUN
    with mailer.database.writing() as session:
        if not _taken(session, campaign_id, now=began, until=until + _SPARE):
            return 0
        waiting = _to_ask(session, campaign_id, now=began)
    allowance, asked = AskingAllowance(), 0
    while waiting and mailer.clock() < until:
        answer = _answer(mailer, waiting[0], allowance)
        if answer.answered is Answered.LATER:
            break
        with mailer.database.writing() as session:
            _keep(session, waiting.pop(0), answer, now=mailer.clock())
        asked += 1
    with mailer.database.writing() as session:
        more = mailer.clock() + _NEXT_RUN if waiting else None
        _done(session, campaign_id, taken_until=until + _SPARE, now=mailer.clock(), again_at=more)
    return asked


def _answer(mailer: Mailer, url: str, allowance: AskingAllowance) -> AddressAnswer:
    try:
        return mailer.fetcher.ask(url, allowance=allowance)
    except Exception as fault:  # whatever it is, it is about this address only
        log.exception("an address could not be asked")
        sentence = f"It could not be asked ({type(fault).__name__})."
        return AddressAnswer(Answered.BLOCKED, None, sentence)


def _taken(session: Session, campaign_id: int, *, now: datetime, until: datetime) -> bool:
    """Put the step off until this run is over for certain; False where another run has."""
    taken = session.execute(
        update(Step)
        .where(
            Step.kind == StepKind.ADDRESSES,
            Step.subject_id == campaign_id,
            Step.done_at.is_(None),
            Step.due_at <= now,
        )
        .values(due_at=until)
        .returning(Step.id)
    ).first()
    return taken is not None


def _to_ask(session: Session, campaign_id: int, *, now: datetime) -> list[str]:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.status not in EDITABLE:
        return []
    urls = list(dict.fromkeys(url for _, url in read_issue(campaign.document).web_addresses))
    digests = [digest_of(url) for url in urls]
    kept = {
        each.url: each
        for each in session.scalars(
            select(CheckedAddress).where(CheckedAddress.digest.in_(digests))
        )
    }
    return [url for url in urls if url not in kept or _is_old(kept[url], now)]


def _is_old(kept: CheckedAddress, now: datetime) -> bool:
    fresh = _FRESH if kept.answered == Answered.FINE else _IN_DOUBT
    return not now - fresh < kept.checked_at <= now


def _keep(session: Session, url: str, answer: AddressAnswer, *, now: datetime) -> None:
    session.execute(delete(CheckedAddress).where(CheckedAddress.checked_at < now - _KEPT))
    kept = session.get(CheckedAddress, digest_of(url))
    if kept is None:
        kept = CheckedAddress(digest=digest_of(url), url=url)
        session.add(kept)
    kept.answered, kept.status = answer.answered.value, answer.status
    kept.sentence, kept.checked_at = answer.sentence, now


def _done(
    session: Session,
    campaign_id: int,
    *,
    taken_until: datetime,
    now: datetime,
    again_at: datetime | None,
) -> None:
    """The step is done, or due again; one that an edit has set meanwhile stays as it is."""
    step = update(Step).where(
        Step.kind == StepKind.ADDRESSES,
        Step.subject_id == campaign_id,
        Step.due_at == taken_until,
    )
    if again_at:
        session.execute(step.values(due_at=again_at))
    else:
        session.execute(step.values(done_at=now, outcome="asked"))
