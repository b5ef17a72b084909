"""The books of one process: ranges taken in hand, attempts begun, outcomes, ranges let go.

The order of things is what keeps the accounts true. An attempt is committed before its content
leaves; outcomes are committed in groups; the outcomes of one group and the attempts of the next
share a transaction, and none is open while the relay is being talked to.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from math import inf
from typing import Final, NamedTuple

import structlog
from sqlalchemy.orm import Session

from contacts.database import AWAY, Database
from contacts.models import SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.delivery.claims import claiming, fairness
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.fairness import FairShare, WaitingBatch
from mailer.delivery.claims.held_claims import HeldIds
from mailer.delivery.claims.recording import DeliveryResult, record
from mailer.delivery.couriers.campaign_notes import CampaignNotes
from mailer.delivery.couriers.claimed_batches import ClaimedBatch
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import Relays, RelaySlot

log = structlog.get_logger(__name__)

_TRIES: Final = 5  # at a range that somebody else was quicker to take


class JournalEntry(NamedTuple):
    """What is to be entered: the ``results`` of a claim that is carried at ``place``."""

    slot: RelaySlot
    claim: Claim
    results: Sequence[DeliveryResult]


class Journal:
    """Every step of whoever carries is one transaction here. ``courier_id`` names the process."""

    def __init__(
        self,
        courier_id: str,
        *,
        database: Database,
        relays: Relays,
        composers: Composers,
        notes: CampaignNotes,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        held: HeldIds,
    ) -> None:
        self._courier_id = courier_id
        self._database = database
        self._relays = relays
        self._composers = composers
        self._notes = notes
        self._clock = clock
        self._stopping = stopping
        self._held = held
        self._fair_share = FairShare()

    def claim_next(
        self, slot: RelaySlot, campaign_id: int, own: WaitingBatch | None
    ) -> ClaimedBatch | None:
        """Take what is due in hand: ``own``, or what is rather wanted; None when nothing waits."""
        for _ in range(_TRIES):
            if self._stopping.is_set():
                return None
            now = self._clock()
            with self._database.reading() as session:
                waiting = fairness.waiting_campaigns(session, now=now)
                if not waiting:
                    return None
                next_campaign = self._fair_share.next_campaign(waiting)
                if own and next_campaign == campaign_id:
                    wanted: WaitingBatch | None = own
                else:
                    wanted = fairness.pick_batch(session, next_campaign, now=now)
            if wanted and (claim := self._take(slot, next_campaign, wanted, now=now)):
                return self._claimed(slot, claim, wanted)
            own = None  # somebody was quicker
        return None

    def _take(
        self, slot: RelaySlot, campaign_id: int, wanted: WaitingBatch, *, now: datetime
    ) -> Claim | None:
        # A transaction a try: who has waited for a row in vain holds it until its own ends.
        claim: Claim | None = None
        try:
            with self._database.writing() as session:
                claim = claiming.claim(
                    session,
                    campaign_id,
                    wanted.first_id,
                    wanted.last_id,
                    courier_id=self._courier_id,
                    now=now,
                    most=slot.stretch if wanted.left is None else slot.share_of(wanted.left),
                    pieces=1 if wanted.left is None else slot.pieces_of(wanted.left),
                )
                if claim:
                    self._held.add(claim.batch_id)
        except BaseException:
            # Perhaps committed, perhaps not. Whatever ended it, no thread has this batch.
            if claim:
                self._held.remove(claim.batch_id)
            raise
        return claim

    def _claimed(self, slot: RelaySlot, claim: Claim, wanted: WaitingBatch) -> ClaimedBatch:
        try:
            composer = self._composers.of(claim.campaign_id)
        except BaseException:  # it is in nobody's hands yet
            self.end(JournalEntry(slot, claim, ()), insist=True)
            raise
        more = inf if wanted.left is None else wanted.left.deliveries - len(claim.ids)
        return ClaimedBatch(claim, composer, more=more)

    def commit_and_begin(
        self, entry: JournalEntry, ids: Sequence[int], unanswered: Sequence[int]
    ) -> list[StartedAttempt] | None:
        """Outcomes that are known, and attempts that come next.

        Gives back whom to write to now; None when this courier must stop.
        """
        claim, now = entry.claim, self._clock()
        self._notes.tell(claim.campaign_id, entry.slot.detour)
        with self._database.writing() as session:
            going = None
            if not self._stopping.is_set():
                going = claiming.begin(session, claim, ids, unanswered=unanswered, now=now)
            # Who may begin holds the batch; else it has to be asked for.
            held = going is not None or claiming.holds(session, claim)
            _enter(session, entry, held=held, now=now)
        self._count(entry)
        return going

    def write_down(
        self,
        entry: JournalEntry,
        *,
        rest_from: int | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Outcomes of a range of which others are still awaited; its rest is for anybody."""
        now = self._clock()
        with self._database.writing() as session:
            held = claiming.holds(session, entry.claim)
            _enter(session, entry, held=held, now=now)
            if held and rest_from is not None:
                due_at = max(now, not_before or now)
                claiming.leave_rest(session, entry.claim, rest_from, due_at=due_at)
        self._count(entry)

    def end(
        self,
        entry: JournalEntry,
        *,
        all_known: bool = True,
        not_before: datetime | None = None,
        insist: bool = False,
    ) -> None:
        """The last outcomes of a range, which is let go; ``insist`` waits for the database."""
        claim = entry.claim

        def write() -> None:
            now = self._clock()
            with self._database.writing() as session:
                held = claiming.holds(session, claim)
                _enter(session, entry, held=held, now=now)
                if held:
                    claiming.release_claim(
                        session, claim, now=now, all_known=all_known, not_before=not_before
                    )

        if not insist:
            write()
            self._held.remove(claim.batch_id)
            return
        try:
            self._insist(write)
        finally:
            self._held.remove(claim.batch_id)

    def permits(self, slot: RelaySlot, most: int) -> Grant:
        """Leave to hand over so many messages, or the moment to ask again."""
        return self._relays.take(slot, most)

    def give_back(self, slot: RelaySlot, grant: Grant, number: int) -> None:
        """So many permits were not used."""
        self._relays.give_back(slot, grant, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; less than 0 when it has passed."""
        return (moment - self._clock()).total_seconds()

    def other_campaigns_wait(self, claim: Claim) -> bool:
        """Whether another campaign waits, so that it is time to let go of this range."""
        with self._database.reading() as session:
            return fairness.other_campaigns_wait(session, claim.campaign_id, now=self._clock())

    def _count(self, entry: JournalEntry) -> None:
        self._relays.carried(entry.slot, len(entry.results))
        self._fair_share.note(entry.claim.campaign_id, len(entry.results))

    def _insist(self, write: Callable[[], object]) -> None:
        # Outcomes exist nowhere but here until they are written: a database that went away is
        # waited for, as long as this process may.
        while True:
            try:
                write()
                return
            except AWAY:
                if self._stopping.is_set():
                    raise
                log.warning("database away, outcomes are waiting")
                time.sleep(1)


def _enter(session: Session, entry: JournalEntry, *, held: bool, now: datetime) -> None:
    record(session, entry.results, relay_id=entry.slot.relay_id, held=held, now=now)
    for result in entry.results:
        if result.no_such_user:
            suppress(
                session,
                result.no_such_user.lower(),
                SuppressionReason.BOUNCED,
                source=f"delivery {result.id}",
                detail=f"{result.code} {result.text}",
                now=now,
            )
