"""What follows from an outcome: for the delivery, for its campaign and for the relay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.sender_refusals import SenderRefusals
from mailer.delivery.smtp.envelopes import Fate, Outcome
from mailer.delivery.smtp.replies import CLOSING, Phase
from mailer.delivery.verdicts.judging import DeliveryVerdict, VerdictKind, asks_for_less, judge
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.models import DeliveryStatus

_SETTLED: Final = {
    Fate.ACCEPTED: DeliveryStatus.ACCEPTED,
    Fate.UNCERTAIN: DeliveryStatus.UNCERTAIN,
}
_LOST: Final = DeliveryVerdict(VerdictKind.DEFERRED, "networkerror")
_LOST_CONNECTION_WAIT: Final = timedelta(seconds=5)
_SOON_AGAIN: Final = 2  # attempts after which a lost connection is waited for as any 4xx
_THROTTLED_WAIT: Final = timedelta(seconds=30)


class Consequence(NamedTuple):
    """The result of a delivery, and what else follows from its outcome."""

    result: DeliveryResult
    pauses: bool = False  # the campaign pauses: the relay does not accept its sender
    slows: str | None = None  # the reason for which the relay asks for less


class Consequences:
    """Judges outcomes; shared by all threads of a process."""

    def __init__(self, retries: RetryPolicy, *, clock: Callable[[], datetime]) -> None:
        self._retries = retries
        self._clock = clock
        self._sender_refusals = SenderRefusals()

    def of(self, claim: Claim, outcome: Outcome, attempt: StartedAttempt) -> Consequence:
        """What follows from the outcome of an attempt."""
        text = outcome.reply.text if outcome.reply else outcome.sentence
        code = outcome.reply.code if outcome.reply else None
        made = partial(DeliveryResult, outcome.key, code=code, text=text)
        if outcome.fate in _SETTLED:
            if outcome.fate is Fate.ACCEPTED:
                self._sender_refusals.accepted(claim.campaign_id)
            return Consequence(made(_SETTLED[outcome.fate]))
        verdict = judge(outcome, recipient=attempt.recipient.address)
        if verdict is None:
            if outcome.phase is Phase.CONNECT:  # its commands were never sent
                return Consequence(made(DeliveryStatus.PENDING, began=0))
            verdict = _LOST
        if verdict.kind is VerdictKind.CAMPAIGN:
            return self._against_the_sender(claim, outcome, attempt, made, verdict.reason)
        if verdict.kind is VerdictKind.REFUSED:
            gone = attempt.recipient.address if verdict.suppress else None
            return Consequence(
                made(DeliveryStatus.REFUSED, reason=verdict.reason, no_such_user=gone)
            )
        slows = verdict.reason if asks_for_less(outcome, verdict) else None
        about_connection = outcome.reply is None or outcome.reply.code == CLOSING
        at_most = None
        if slows:
            at_most = _THROTTLED_WAIT
        elif about_connection and attempt.number <= _SOON_AGAIN:
            at_most = _LOST_CONNECTION_WAIT
        later = self._later(claim, attempt, made, verdict.reason, at_most)
        return Consequence(later, slows=slows)

    def of_a_fault(self, claim: Claim, attempt: StartedAttempt, fault: Exception) -> DeliveryResult:
        """The result when the copy could not be made: it is tried again, like any deferred one."""
        made = partial(
            DeliveryResult,
            attempt.recipient.delivery_id,
            text=f"The copy could not be made here ({type(fault).__name__}).",
        )
        return self._later(claim, attempt, made, "notmade")

    def _against_the_sender(
        self,
        claim: Claim,
        outcome: Outcome,
        attempt: StartedAttempt,
        made: Callable[..., DeliveryResult],
        reason: str,
    ) -> Consequence:
        if outcome.phase is Phase.MAIL and outcome.reply:
            return Consequence(made(DeliveryStatus.PENDING, began=0), pauses=True)
        pauses = self._sender_refusals.refused(claim.campaign_id, outcome.key)
        if attempt.number == 1 or pauses:
            return Consequence(self._later(claim, attempt, made, reason), pauses)
        # Refused again while other copies are accepted: the refusal is about this person.
        return Consequence(made(DeliveryStatus.REFUSED, reason=reason))

    def _later(
        self,
        claim: Claim,
        attempt: StartedAttempt,
        made: Callable[..., DeliveryResult],
        reason: str,
        at_most: timedelta | None = None,
    ) -> DeliveryResult:
        now = self._clock()
        due_at = self._retries.next_try(
            attempt.number,
            key=attempt.recipient.delivery_id,
            started_at=claim.started_at,
            now=now,
        )
        if due_at is None:
            return made(DeliveryStatus.REFUSED, reason="expired")
        if at_most is not None:
            due_at = min(due_at, now + at_most)
        return made(DeliveryStatus.DEFERRED, reason=reason, due_at=due_at)
