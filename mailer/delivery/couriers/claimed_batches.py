"""A range in hand: what is left of it, what is on its way, and what came of the rest."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mailer.composition.composer import Composer
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.recording import DeliveryResult


class ClaimedBatch:
    """What one claim brings; ``more`` of its campaign waits beyond it.

    Whoever changes it holds the lock of the crew that carries it.
    """

    def __init__(self, claim: Claim, composer: Composer, *, more: float = 0) -> None:
        self.claim: Final = claim
        self.composer: Final = composer
        self.more: Final = more
        self.left: Sequence[int] = claim.ids  # not begun
        self.under_way: dict[int, StartedAttempt] = {}  # begun, and nothing is known of them
        self.results: list[DeliveryResult] = []  # known, and not written down yet
        self.closed = False  # nothing more of it is begun

    @property
    def all_known(self) -> bool:
        """Whether everything that was begun has its outcome."""
        return not self.under_way

    @property
    def used_up(self) -> bool:
        """Whether nothing more of it is to be begun."""
        return self.closed or not self.left


class BegunDelivery(NamedTuple):
    """One delivery that has been begun, to be handed over ``at`` a moment, in monotonic seconds."""

    batch: ClaimedBatch
    attempt: StartedAttempt
    at: float

    @property
    def key(self) -> int:
        """The delivery's id."""
        return self.attempt.recipient.delivery_id
