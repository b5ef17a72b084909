"""The ladder of pipelining: how much is written at once, and what a relay has shown it can take.

A relay starts on the best rung its EHLO offers. It goes down one for a reply that says so, at once,
and for what has no other explanation when it happens again. It comes up again only after a good
while, and then one connection goes first. Nothing here knows a message: what becomes of those is
decided by their replies alone, whatever the rung.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from mailer.delivery.smtp.replies import Capabilities

HOUR: Final = 3600.0
_LONGEST_WAIT: Final = 24 * HOUR
# Relays that hang up without a word after so many messages do so on every rung.
_MANY: Final = 20
_FORGOTTEN_AFTER: Final = 10  # loans without a misstep after which an earlier one counts no more
_MOST_MEMORIES: Final = 16  # kinds of EHLO behind one address, as a balancer may show


class Grouping(StrEnum):
    """How much goes into one write: the rungs of a ladder, best first.

    ``chunking`` needs CHUNKING beside PIPELINING and sends contents by BDAT; ``full`` needs a
    server that keeps RFC 2920 to the letter; ``envelope`` keeps the content apart; ``single`` sends
    one command at a time.
    """

    CHUNKING = "chunking"
    FULL = "full"
    ENVELOPE = "envelope"
    SINGLE = "single"

    @property
    def below(self) -> "Grouping":
        """The next rung down; the lowest is its own."""
        return _RUNGS[min(_RUNGS.index(self) + 1, len(_RUNGS) - 1)]

    @property
    def above(self) -> "Grouping":
        """The next rung up; the highest is its own."""
        return _RUNGS[max(_RUNGS.index(self) - 1, 0)]

    def within(self, offered: Capabilities) -> "Grouping":
        """This rung, or the best one below it that such a server offers."""
        return max(self, best(offered), key=_RUNGS.index)


_RUNGS: Final = list(Grouping)


def best(offered: Capabilities) -> Grouping:
    """The highest rung that may be used at all after such an EHLO."""
    if not offered.pipelining:
        return Grouping.SINGLE
    return Grouping.CHUNKING if offered.chunking else Grouping.FULL


class Misstep(StrEnum):
    """What went wrong on a connection that may be the fault of its grouping."""

    OUT_OF_STEP = "it answered out of step"
    SILENCE = "it left part of a group unanswered"
    BREAK = "it hung up on a group"


@dataclass(frozen=True, slots=True)
class Footing:
    """Where one loan of a connection stands on the ladder."""

    offered: Capabilities
    grouping: Grouping
    since: float
    trial: bool = False


class Step(NamedTuple):
    """A change of rung, and why."""

    was: Grouping
    now: Grouping
    why: str


@dataclass(slots=True)
class _Memory:
    top: Grouping  # the best that is offered
    rung: Grouping
    proven: bool = False  # a message was answered on this rung
    struck_at: float | None = None  # when something went wrong that did not suffice
    clean: int = 0  # loans without a misstep since
    climb_at: float | None = None
    wait: float = HOUR
    trying: bool = False  # a connection is out on the rung above


class Ladder:
    """The memory of one relay, for all threads that carry to it; times are monotonic seconds.

    It is kept by what the EHLO offered, so that a relay that changes starts afresh, and hosts that
    differ behind one address do not speak for each other.
    """

    def __init__(self) -> None:
        self._memories: dict[Capabilities, _Memory] = {}
        self._lock = threading.Lock()

    def stand(self, offered: Capabilities, *, now: float) -> Footing:
        """The rung for the next loan of a connection with such an EHLO."""
        with self._lock:
            memory = self._of(offered)
            due = memory.climb_at is not None and now >= memory.climb_at
            if due and not memory.trying:
                memory.trying = True
                return Footing(offered, memory.rung.above, now, trial=True)
            return Footing(offered, memory.rung, now)

    def learn(
        self, footing: Footing, *, misstep: Misstep | None, carried: int, now: float
    ) -> Step | None:
        """What the loan has shown; ``carried`` counts the messages answered on its rung."""
        if misstep is Misstep.BREAK and carried >= _MANY:
            misstep = None
        with self._lock:
            memory = self._of(footing.offered)
            if footing.trial:
                return _tried(memory, footing, misstep, carried, now)
            if footing.grouping is not memory.rung:
                return None  # others have moved on since
            if carried:
                memory.proven = True
            if misstep is None:
                memory.clean += 1
                return None
            if not _weighs(memory, footing, misstep, now):
                return None
            return _move(memory, memory.rung.below, str(misstep), now)

    def _of(self, offered: Capabilities) -> _Memory:
        memory = self._memories.get(offered)
        if memory is None:
            if len(self._memories) >= _MOST_MEMORIES:
                del self._memories[next(iter(self._memories))]
            top = best(offered)
            memory = self._memories[offered] = _Memory(top, top)
        return memory


def _weighs(memory: _Memory, footing: Footing, misstep: Misstep, now: float) -> bool:
    if misstep is Misstep.OUT_OF_STEP or not memory.proven:
        return True
    struck = memory.struck_at
    if struck is None or memory.clean >= _FORGOTTEN_AFTER:
        memory.struck_at, memory.clean = now, 0
        return False
    # A relay that restarts breaks all its connections at once: that is one misfortune.
    return footing.since > struck


def _tried(
    memory: _Memory, footing: Footing, misstep: Misstep | None, carried: int, now: float
) -> Step | None:
    memory.trying = False
    if footing.grouping is not memory.rung.above:
        return None  # it went further down meanwhile
    if misstep:  # where the rung below has just worked, once is enough
        memory.wait = min(2 * memory.wait, _LONGEST_WAIT)
        memory.climb_at = now + memory.wait
        return None
    if not carried:
        return None
    memory.wait = HOUR
    return _move(memory, footing.grouping, "it was time to try again", now, proven=True)


def _move(
    memory: _Memory, rung: Grouping, why: str, now: float, *, proven: bool = False
) -> Step | None:
    was, memory.rung = memory.rung, rung
    memory.proven, memory.struck_at, memory.clean = proven, None, 0
    memory.climb_at = None if rung is memory.top else now + memory.wait
    return Step(was, rung, why) if was is not rung else None
