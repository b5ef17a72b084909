"""The journal of one process: claims, attempts begun, outcomes and releases, in the database.

The order of the writes keeps the accounts true. An attempt is committed before its content leaves.
Outcomes are committed in groups: those of one group share a transaction with the attempts of the
next. No transaction is open while a courier talks to the relay.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from math import inf
from typing import Final, NamedTuple

import structlog
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.database import AWAY
from contacts.models import SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.campaigns.sending import cannot_be_carried
from mailer.delivery.claims import claiming, fairness
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.fairness import FairShare, WaitingBatch
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.claims.recording import DeliveryResult, record
from mailer.delivery.couriers.campaign_notes import CampaignNotes
from mailer.delivery.couriers.claimed_batches import ClaimedBatch
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import Relays
from mailer.delivery.routing.slots import RelaySlot

log = structlog.get_logger(__name__)

_LONGEST_WAIT: Final = 2.0  # seconds until a permit may be used: they are taken no further ahead
_TRIES: Final = 5  # at batches that another courier claims first


class JournalEntry(NamedTuple):
    """Results to be written, of a claim that is carried at ``slot``."""

    slot: RelaySlot
    claim: Claim
    results: Sequence[DeliveryResult]


class Journal:
    """Every step of a courier is one transaction here; shared by all threads of ``process``."""

    def __init__(
        self,
        process: CourierProcess,
        *,
        relays: Relays,
        composers: Composers,
        notes: CampaignNotes,
    ) -> None:
        self._process = process
        self._relays = relays
        self._composers = composers
        self._notes = notes
        self._fair_share = FairShare()

    def claim_next(
        self, slot: RelaySlot, campaign_id: int, own: WaitingBatch | None
    ) -> ClaimedBatch | None:
        """Claim a batch of the campaign whose turn it is; None when none waits.

        That is ``own`` if it belongs to that campaign and no other courier is quicker.
        """
        process = self._process
        for _ in range(_TRIES):
            if process.stopping.is_set() or not process.may_send():
                return None
            now = process.clock()
            with process.database.reading() as session:
                waiting = fairness.waiting_campaigns(session, now=now)
                if not waiting:
                    return None
                next_id = self._fair_share.next_campaign(waiting)
                if own and next_id == campaign_id:
                    wanted: WaitingBatch | None = own
                else:
                    wanted = fairness.pick_batch(session, next_id, now=now)
            if wanted and (claim := self._claim(slot, next_id, wanted, now=now)):
                try:
                    return self._claimed(slot, claim, wanted)
                except AWAY:
                    raise
                except Exception as fault:  # whatever it is, it is about one campaign only
                    log.exception("a campaign cannot be composed", campaign=next_id)
                    self._notes.pause(next_id, cannot_be_carried(fault))
            own = None  # another courier was quicker
        return None

    def _claim(
        self, slot: RelaySlot, campaign_id: int, wanted: WaitingBatch, *, now: datetime
    ) -> Claim | None:
        # Each try is a transaction of its own: PostgreSQL keeps a row that was waited for in vain
        # locked until the transaction ends.
        held = self._process.held.batches
        backlog = wanted.backlog
        claim: Claim | None = None
        try:
            with self._process.database.writing() as session:
                claim = claiming.claim(
                    session,
                    campaign_id,
                    wanted.first_id,
                    wanted.last_id,
                    courier_id=self._process.name,
                    now=now,
                    most=slot.most_at_once if backlog is None else slot.share_of(backlog),
                    pieces=1 if backlog is None else slot.pieces_of(backlog),
                )
                if claim:
                    held.add(claim.batch_id)
        except BaseException:
            # The claim may have been committed or not; no thread of this process knows of it now.
            if claim:
                held.remove(claim.batch_id)
            raise
        return claim

    def _claimed(self, slot: RelaySlot, claim: Claim, wanted: WaitingBatch) -> ClaimedBatch:
        try:
            composer = self._composers.of(claim.campaign_id)
        except BaseException:  # no crew has the batch yet
            self.end(JournalEntry(slot, claim, ()), insist=True)
            raise
        backlog = wanted.backlog
        more = inf if backlog is None else backlog.deliveries - len(claim.ids)
        return ClaimedBatch(claim, composer, more=more)

    def commit_and_begin(
        self, entry: JournalEntry, ids: Sequence[int], unanswered: Sequence[int]
    ) -> list[StartedAttempt] | None:
        """Commit the known results, and the attempts of ``ids``, in one transaction.

        The attempts that may be carried now; None when this courier must stop with the batch.
        """
        process, claim = self._process, entry.claim
        goes_on = not process.stopping.is_set() and process.may_send()
        now = process.clock()
        self._notes.write(claim.campaign_id, entry.slot.detour)
        with process.database.writing() as session:
            started = None
            if goes_on:
                started = claiming.begin(session, claim, ids, unanswered=unanswered, now=now)
            # To have begun proves that the claim is held; otherwise the batch has to be asked.
            held = started is not None or claiming.holds(session, claim)
            _write_results(session, entry, held=held, now=now)
        self._count(entry)
        return started

    def write_down(
        self,
        entry: JournalEntry,
        *,
        rest_from: int | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Write results of a batch that stays claimed; from ``rest_from`` on it is left to all."""
        now = self._process.clock()
        with self._process.database.writing() as session:
            held = claiming.holds(session, entry.claim)
            _write_results(session, entry, held=held, now=now)
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
        """Write the last results of a batch and release it; ``insist`` waits for the database."""
        process, claim = self._process, entry.claim

        def write() -> None:
            now = process.clock()
            with process.database.writing() as session:
                held = claiming.holds(session, claim)
                _write_results(session, entry, held=held, now=now)
                if held:
                    claiming.release_claim(
                        session, claim, now=now, all_known=all_known, not_before=not_before
                    )

        if not insist:
            write()
            process.held.batches.remove(claim.batch_id)
            return
        try:
            self._insist(write)
        finally:
            process.held.batches.remove(claim.batch_id)

    def permits(self, slot: RelaySlot, most: int) -> Grant:
        """Permits to send up to ``most`` messages now, or the moment to ask again."""
        return self._relays.take_permits(slot, most)

    def give_back(self, slot: RelaySlot, grant: Grant, number: int) -> None:
        """Return ``number`` permits that were not used."""
        self._relays.give_back(slot, grant, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; less than 0 when it has passed.

        Permits are for the next moments. One that seems to be for much later was given before the
        clock was set back.
        """
        return min(_LONGEST_WAIT, (moment - self._process.clock()).total_seconds())

    def other_campaigns_wait(self, claim: Claim) -> bool:
        """Whether another campaign waits, so that this batch should be released."""
        process = self._process
        with process.database.reading() as session:
            return fairness.other_campaigns_wait(session, claim.campaign_id, now=process.clock())

    def _count(self, entry: JournalEntry) -> None:
        self._relays.count_carried(entry.slot, len(entry.results))
        self._fair_share.count(entry.claim.campaign_id, len(entry.results))

    def _insist(self, write: Callable[[], object]) -> None:
        # Results exist only in this process until they are written. So it waits for a database
        # that is away, unless the process is told to stop.
        while True:
            try:
                write()
                return
            except AWAY:
                if self._process.stopping.is_set():
                    raise
                log.warning("database away, outcomes are waiting")
                time.sleep(self._process.timing.database_retry)


def _write_results(session: Session, entry: JournalEntry, *, held: bool, now: datetime) -> None:
    record(session, entry.results, relay_id=entry.slot.relay_id, held=held, now=now)
    for result in entry.results:
        if result.no_such_user:
            suppress(
                session,
                result.no_such_user.lower(),
                SuppressionReason.BOUNCED,
                source=Actor(ActorKind.DELIVERY, result.id),
                detail=f"{result.code} {result.text}",
                now=now,
            )
