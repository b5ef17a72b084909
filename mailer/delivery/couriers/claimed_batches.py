"""A batch that a crew has claimed: what is left of it, what is begun, and the results so far."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mailer.composition.composer import Composer
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.recording import DeliveryResult


class ClaimedBatch:
    """A claimed batch; ``more`` deliveries of its campaign wait in other batches.

    The fields below ``more`` are read and written under the lock of its crew.
    """

    def __init__(self, claim: Claim, composer: Composer, *, more: float = 0) -> None:
        self.claim: Final = claim
        self.composer: Final = composer
        self.more: Final = more
        self.left: Sequence[int] = claim.ids  # ids that are not begun, in order
        self.under_way: dict[int, StartedAttempt] = {}  # begun, without a result
        self.results: list[DeliveryResult] = []  # known, and not written yet
        self.closed = False  # nothing more of it is begun

    @property
    def all_known(self) -> bool:
        """Whether every attempt that was begun has its result."""
        return not self.under_way

    @property
    def used_up(self) -> bool:
        """Whether nothing more of it is to be begun."""
        return self.closed or not self.left


class BegunDelivery(NamedTuple):
    """A delivery whose attempt is begun; it is sent at ``at``, in monotonic seconds."""

    batch: ClaimedBatch
    attempt: StartedAttempt
    at: float

    @property
    def key(self) -> int:
        """The delivery's id."""
        return self.attempt.recipient.delivery_id
