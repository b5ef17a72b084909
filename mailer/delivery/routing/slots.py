"""Slots at relays: the right of a thread to use one connection, and how much to carry on it."""

from dataclasses import dataclass
from typing import Final

from mailer.delivery.claims.fairness import Backlog
from mailer.delivery.routing.relay_state import FIRST_GUESS, RelayState

GROUP: Final = 128  # deliveries that are begun at once, at most
LEAST: Final = 4  # deliveries that are begun or claimed at once, at least
_GROUP_SECONDS: Final = 0.25
_CLAIM_SECONDS: Final = 3.0
_LEAST_CLAIM, _MOST_CLAIM = 8, 1000  # deliveries claimed at once, unless few are left
_WEIGHT: Final = 0.2  # of one measurement in the running average


@dataclass(slots=True)
class RelaySlot:
    """The right of one thread to use a connection to ``relay``, which changes when that fails.

    ``detour`` says why it is not the first relay in the order. An ``urgent`` slot is given at once.
    """

    relay: RelayState | None
    detour: str | None = None
    urgent: bool = False

    @property
    def relay_id(self) -> int | None:
        """The number of the relay; None where no relay can be used."""
        return self.relay.id if self.relay else None

    @property
    def crew(self) -> int:
        """How many connections begin a full group in a quarter of a second, and share a batch."""
        return max(1, int(GROUP * self._one_takes / _GROUP_SECONDS))

    def group(self, connections: int) -> int:
        """How many deliveries so many connections carry in about a quarter of a second.

        With fewer than four, the commit would take longer than the sending.
        """
        return self._carried_in(_GROUP_SECONDS * connections, LEAST, GROUP)

    @property
    def most_at_once(self) -> int:
        """How many deliveries a crew claims at once, at most: some seconds' worth."""
        most = _MOST_CLAIM
        if self.relay and self.relay.speed is not None:
            most = max(_LEAST_CLAIM, min(most, int(self.relay.speed)))
        return self._carried_in(_CLAIM_SECONDS * self._of_a_crew, _LEAST_CLAIM, most)

    def share_of(self, backlog: Backlog) -> int:
        """How many deliveries of a small backlog to claim.

        The share gets smaller towards the end, so that all crews are done at the same time.
        """
        least = max(LEAST, self._of_a_crew // 4)
        return min(self.most_at_once, max(least, backlog.deliveries // (2 * self._crews)))

    def pieces_of(self, backlog: Backlog) -> int:
        """Into how many batches to cut the rest of a batch, so that there is one for each crew."""
        return -(-self._crews // backlog.batches)

    def timed(self, seconds: float) -> None:
        """Take one measurement, from the envelope of a message to its outcome, into the average.

        Two messages are under way on a connection: the content of one, the commands of the next.
        """
        if self.relay:
            self.relay.one_takes += (seconds / 2 - self.relay.one_takes) * _WEIGHT

    @property
    def _of_a_crew(self) -> int:
        """How many connections a crew here has."""
        return min(self.crew, self._connections)

    @property
    def _crews(self) -> int:
        """How many crews all workers have here, if the others are like this one."""
        workers = self.relay.workers if self.relay else 1
        return -(-self._connections // self.crew) * workers

    @property
    def _connections(self) -> int:
        return max(1, self.relay.concurrency.wanted) if self.relay else 1

    def _carried_in(self, seconds: float, least: int, most: int) -> int:
        return max(least, min(most, int(seconds / max(self._one_takes, 1e-6))))

    @property
    def _one_takes(self) -> float:
        return self.relay.one_takes if self.relay else FIRST_GUESS
