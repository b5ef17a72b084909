"""How many connections one process keeps to a relay; found by trying, since nobody knows it.

Where a speed is set, connections are added while it is not reached. Where none is set, more of them
are tried now and then, and kept if they carry more. A relay that refuses connections gets fewer at
once. Times are monotonic seconds. The caller holds the lock of ``RelayStates``.
"""

import math
from dataclasses import dataclass
from typing import Final

_USUAL: Final = 8  # at the start, where no speed is set
_ONE_CARRIES: Final = 20.0  # messages a second on one connection, before the round trip is known
_TAKING: Final = 0.05  # seconds that a relay is assumed to need for a message
_GROWTH: Final = 1.5
_BEHIND_FOR: Final = 0.3  # seconds for which the speed is missed before a connection is added
_LOOK: Final = 3.0  # seconds over which the messages carried are counted
_WORTH_IT: Final = 1.1  # added connections stay if this many times more is carried
_TRIAL_PAUSE: Final = 60.0  # seconds before another trial, after one that did not help
_ONE_REFUSAL: Final = 2.0  # refusals within these seconds count as one
_CALM: Final = 60.0  # seconds without growth after a refusal


@dataclass(slots=True)
class _Trial:
    allowed: int  # before
    carried: float  # messages a second, before


class Concurrency:
    """The number of connections to one relay; ``limit`` is the most this process may have."""

    def __init__(self, *, limit: int, speed: float | None, now: float) -> None:
        self.limit = limit
        self.busy = 0
        self.allowed = _USUAL if speed is None else 1
        self.carried_a_second = 0.0  # at the last count
        self._behind_since: float | None = None
        self._calm_until = now
        self._trial: _Trial | None = None
        self._counted = 0
        self._looked_at = now
        self._floor = 1  # connections that are kept however often they are refused
        self._refused_until = now
        self._was_refused = False  # at least once: then ``aim`` adds no more
        self.aim(speed)

    @property
    def free(self) -> bool:
        """Whether another connection may be used."""
        return self.busy < self.wanted

    @property
    def wanted(self) -> int:
        """How many connections there should be."""
        return min(self.allowed, self.limit)

    def aim(self, speed: float | None, round_trip: float | None = None) -> None:
        """Allow as many connections as the speed needs, at one message a round trip on each."""
        if speed is None or self._was_refused:
            return
        one_carries = _ONE_CARRIES if not round_trip else 1 / (round_trip + _TAKING)
        self.allowed = max(self.allowed, min(self.limit, math.ceil(speed / one_carries)))

    def behind(self, behind: bool, *, now: float) -> None:
        """Note whether the set speed is missed; if it is for some time, allow more connections."""
        if not behind or self.busy < self.wanted:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
        elif now - self._behind_since >= _BEHIND_FOR and now >= self._calm_until:
            self._behind_since = now
            self._grow()

    def carried(self, number: int, *, waiting: bool, at_will: bool, now: float) -> None:
        """Count messages that were carried.

        ``waiting`` says that a thread waits for a slot, ``at_will`` that no speed is set.
        """
        self._counted += number
        elapsed = now - self._looked_at
        if elapsed < _LOOK:
            return
        self.carried_a_second = self._counted / elapsed
        self._counted, self._looked_at = 0, now
        if not at_will:
            return
        if self._trial and self.carried_a_second < self._trial.carried * _WORTH_IT:
            self.allowed, self._trial = self._trial.allowed, None
            self._calm_until = now + _TRIAL_PAUSE
        elif waiting and now >= self._calm_until:
            self._trial = _Trial(self.allowed, self.carried_a_second)
            self._grow()
        else:
            self._trial = None

    def refused(self, *, now: float) -> None:
        """Use one connection fewer for each refusal; refusals at one time leave at least half."""
        if now >= self._refused_until:
            self._floor = max(1, min(self.allowed, self.busy) // 2)
            self._refused_until = now + _ONE_REFUSAL
        self.allowed = max(self._floor, min(self.allowed, self.busy) - 1)
        self._trial = None
        self._was_refused = True
        self._calm_until = now + _CALM

    def _grow(self) -> None:
        more = max(self.allowed + 1, int(self.allowed * _GROWTH))
        # The limit may be lower for a while, which must not lower the number.
        self.allowed = max(self.allowed, min(self.limit, more))
