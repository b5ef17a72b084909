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

from contacts.actors import Actor, ActorKind
from contacts.database import AWAY, Database
from contacts.models import SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.delivery.claims import claiming as ledger
from mailer.delivery.claims import fairness as turns
from mailer.delivery.claims.claiming import Claim, Departure
from mailer.delivery.claims.fairness import Range, Turns
from mailer.delivery.claims.in_hand import Hands
from mailer.delivery.claims.recording import Result, record
from mailer.delivery.couriers.campaign_notes import Remarks
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.work import Load
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import Place, Relays

log = structlog.get_logger(__name__)

_TRIES: Final = 5  # at a range that somebody else was quicker to take


class Entry(NamedTuple):
    """What is to be entered: the ``results`` of a claim that is carried at ``place``."""

    place: Place
    claim: Claim
    results: Sequence[Result]


class Books:
    """Every step of whoever carries is one transaction here. ``courier_id`` names the process."""

    def __init__(
        self,
        courier_id: str,
        *,
        database: Database,
        relays: Relays,
        composers: Composers,
        remarks: Remarks,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        hands: Hands,
    ) -> None:
        self._courier_id = courier_id
        self._database = database
        self._relays = relays
        self._composers = composers
        self._remarks = remarks
        self._clock = clock
        self._stopping = stopping
        self._hands = hands
        self._turns = Turns()

    def load(self, place: Place, campaign_id: int, own: Range | None) -> Load | None:
        """Take what is due in hand: ``own``, or what is rather wanted; None when nothing waits."""
        for _ in range(_TRIES):
            if self._stopping.is_set():
                return None
            now = self._clock()
            with self._database.reading() as session:
                waiting = turns.waiting(session, now=now)
                if not waiting:
                    return None
                hungriest = self._turns.hungriest(waiting)
                if own and hungriest == campaign_id:
                    wanted: Range | None = own
                else:
                    wanted = turns.a_range(session, hungriest, now=now)
            if wanted and (claim := self._take(place, hungriest, wanted, now=now)):
                return self._load(place, claim, wanted)
            own = None  # somebody was quicker
        return None

    def _take(
        self, place: Place, campaign_id: int, wanted: Range, *, now: datetime
    ) -> Claim | None:
        # A transaction a try: who has waited for a row in vain holds it until its own ends.
        claim: Claim | None = None
        try:
            with self._database.writing() as session:
                claim = ledger.claim(
                    session,
                    campaign_id,
                    wanted.first_id,
                    wanted.last_id,
                    courier_id=self._courier_id,
                    now=now,
                    most=place.stretch if wanted.left is None else place.share_of(wanted.left),
                    pieces=1 if wanted.left is None else place.pieces_of(wanted.left),
                )
                if claim:
                    self._hands.take(claim.batch_id)
        except BaseException:
            # Perhaps committed, perhaps not. Whatever ended it, no thread has this batch.
            if claim:
                self._hands.drop(claim.batch_id)
            raise
        return claim

    def _load(self, place: Place, claim: Claim, wanted: Range) -> Load:
        try:
            composer = self._composers.of(claim.campaign_id)
        except BaseException:  # it is in nobody's hands yet
            self.end(Entry(place, claim, ()), insist=True)
            raise
        more = inf if wanted.left is None else wanted.left.deliveries - len(claim.ids)
        return Load(claim, composer, more=more)

    def turn_over(
        self, entry: Entry, ids: Sequence[int], in_the_air: Sequence[int]
    ) -> list[Departure] | None:
        """Outcomes that are known, and attempts that come next.

        Gives back whom to write to now; None when this courier must stop.
        """
        claim, now = entry.claim, self._clock()
        self._remarks.tell(claim.campaign_id, entry.place.detour)
        with self._database.writing() as session:
            going = None
            if not self._stopping.is_set():
                going = ledger.begin(session, claim, ids, in_the_air=in_the_air, now=now)
            # Who may begin holds the batch; else it has to be asked for.
            held = going is not None or ledger.holds(session, claim)
            _enter(session, entry, held=held, now=now)
        self._count(entry)
        return going

    def write_down(
        self, entry: Entry, *, rest_from: int | None = None, not_before: datetime | None = None
    ) -> None:
        """Outcomes of a range of which others are still awaited; its rest is for anybody."""
        now = self._clock()
        with self._database.writing() as session:
            held = ledger.holds(session, entry.claim)
            _enter(session, entry, held=held, now=now)
            if held and rest_from is not None:
                due_at = max(now, not_before or now)
                ledger.hand_on(session, entry.claim, rest_from, due_at=due_at)
        self._count(entry)

    def end(
        self,
        entry: Entry,
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
                held = ledger.holds(session, claim)
                _enter(session, entry, held=held, now=now)
                if held:
                    ledger.release(
                        session, claim, now=now, all_known=all_known, not_before=not_before
                    )

        if not insist:
            write()
            self._hands.drop(claim.batch_id)
            return
        try:
            self._insist(write)
        finally:
            self._hands.drop(claim.batch_id)

    def permits(self, place: Place, most: int) -> Grant:
        """Leave to hand over so many messages, or the moment to ask again."""
        return self._relays.take(place, most)

    def give_back(self, place: Place, grant: Grant, number: int) -> None:
        """So many permits were not used."""
        self._relays.give_back(place, grant, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; less than 0 when it has passed."""
        return (moment - self._clock()).total_seconds()

    def others_wait(self, claim: Claim) -> bool:
        """Whether another campaign waits, so that it is time to let go of this range."""
        with self._database.reading() as session:
            return turns.others_wait(session, claim.campaign_id, now=self._clock())

    def _count(self, entry: Entry) -> None:
        self._relays.carried(entry.place, len(entry.results))
        self._turns.note(entry.claim.campaign_id, len(entry.results))

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


def _enter(session: Session, entry: Entry, *, held: bool, now: datetime) -> None:
    record(session, entry.results, relay_id=entry.place.relay_id, held=held, now=now)
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
