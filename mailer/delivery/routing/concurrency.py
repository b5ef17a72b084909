"""How many connections one process keeps to a relay: found by trying, never asked of a person.

Where a speed is set, connections are added while it is not reached. Where none is set, more of them
are tried now and then, and kept if more is carried. A relay that pushes back gets fewer at once.
Times are monotonic seconds. Whoever calls this holds a lock.
"""

import math
from dataclasses import dataclass
from typing import Final

_USUAL: Final = 8  # to begin with, where no speed is set
_ONE_CARRIES: Final = 20.0  # messages a second a connection is first believed to carry
_TAKING: Final = 0.05  # seconds a relay is believed to need for a message
_GROWTH: Final = 1.5
_BEHIND_FOR: Final = 0.3  # seconds behind the speed before another connection is added
_LOOK: Final = 3.0  # seconds over which what is carried is compared
_WORTH_IT: Final = 1.1  # as many times more has to be carried to keep what was added
_CONTENT: Final = 60.0  # seconds before trying again what did not help
_ONE_PUSH: Final = 2.0  # seconds within which many refusals are one push
_CALM: Final = 60.0  # seconds without growth after a relay pushed back


@dataclass(slots=True)
class _Trial:
    allowed: int  # before
    carried: float  # messages a second, before


class Concurrency:
    """The number for one relay; ``limit`` is this process's share of what the relay allows."""

    def __init__(self, *, limit: int, speed: float | None, now: float) -> None:
        self.limit = limit
        self.busy = 0
        self.allowed = _USUAL if speed is None else 1
        self.carried_a_second = 0.0  # as last looked at
        self._behind_since: float | None = None
        self._calm_until = now
        self._trial: _Trial | None = None
        self._counted = 0
        self._looked_at = now
        self._floor = 1  # the fewest that one push may leave
        self._pushed_until = now
        self._pushed = False  # once: from then on connections are added one by one
        self.aim(speed)

    @property
    def free(self) -> bool:
        """Whether one more may begin."""
        return self.busy < self.wanted

    @property
    def wanted(self) -> int:
        """How many there are to be."""
        return min(self.allowed, self.limit)

    def aim(self, speed: float | None, round_trip: float | None = None) -> None:
        """What the speed and the distance ask for, as far as is known; a connection carries about
        one message a round trip."""
        if speed is None or self._pushed:
            return
        one_carries = _ONE_CARRIES if not round_trip else 1 / (round_trip + _TAKING)
        self.allowed = max(self.allowed, min(self.limit, math.ceil(speed / one_carries)))

    def behind(self, behind: bool, *, now: float) -> None:
        """Whether the set speed is missed at this moment; when it is for long, one more may try."""
        if not behind or self.busy < self.wanted:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
        elif now - self._behind_since >= _BEHIND_FOR and now >= self._calm_until:
            self._behind_since = now
            self._grow()

    def carried(self, number: int, *, waiting: bool, at_will: bool, now: float) -> None:
        """Messages that were carried; ``waiting`` says that somebody waits for a connection,
        ``at_will`` that no speed is set."""
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
            self._calm_until = now + _CONTENT
        elif waiting and now >= self._calm_until:
            self._trial = _Trial(self.allowed, self.carried_a_second)
            self._grow()
        else:
            self._trial = None

    def pushed_back(self, *, now: float) -> None:
        """The relay has too many connections: one fewer, as often as it is said, down to half."""
        if now >= self._pushed_until:
            self._floor = max(1, min(self.allowed, self.busy) // 2)
            self._pushed_until = now + _ONE_PUSH
        self.allowed = max(self._floor, min(self.allowed, self.busy) - 1)
        self._trial = None
        self._pushed = True
        self._calm_until = now + _CALM

    def _grow(self) -> None:
        more = max(self.allowed + 1, int(self.allowed * _GROWTH))
        self.allowed = max(self.allowed, min(self.limit, more))  # the limit may be low for a while
