"""Pipelining modes: how many commands go into one write, and which mode each relay can take.

A relay starts in the fastest mode that its EHLO offers. It moves one mode slower at once for a
reply that complains of the grouping, and for a lost or silent connection when that happens again.
After an hour, one connection tries the next faster mode. The mode never decides what becomes of a
message: only the replies to it do.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from mailer.delivery.smtp.replies import Capabilities

HOUR: Final = 3600.0
_LONGEST_WAIT: Final = 24 * HOUR
# A relay that hangs up after this many messages does so in every mode: the mode is not at fault.
_MANY: Final = 20
_FORGOTTEN_AFTER: Final = 10  # loans without a fault after which an earlier fault no longer counts
_MOST_MEMORIES: Final = 16  # different EHLO replies from one address, as behind a load balancer


class Grouping(StrEnum):
    """The pipelining modes, fastest first: how many commands go into one write.

    ``chunking`` needs CHUNKING and PIPELINING and sends contents by BDAT (RFC 3030); ``full`` sends
    content and commands together and needs a server that follows RFC 2920 exactly; ``envelope``
    sends the content in a write of its own; ``single`` sends one command at a time.
    """

    CHUNKING = "chunking"
    FULL = "full"
    ENVELOPE = "envelope"
    SINGLE = "single"

    @property
    def slower(self) -> "Grouping":
        """The next slower mode; for the slowest, itself."""
        return _MODES[min(_MODES.index(self) + 1, len(_MODES) - 1)]

    @property
    def faster(self) -> "Grouping":
        """The next faster mode; for the fastest, itself."""
        return _MODES[max(_MODES.index(self) - 1, 0)]

    def within(self, offered: Capabilities) -> "Grouping":
        """This mode, or the fastest slower one that such a server offers."""
        return max(self, best(offered), key=_MODES.index)


_MODES: Final = list(Grouping)


def best(offered: Capabilities) -> Grouping:
    """The fastest mode that an EHLO with these capabilities allows."""
    if not offered.pipelining:
        return Grouping.SINGLE
    return Grouping.CHUNKING if offered.chunking else Grouping.FULL


class GroupingFault(StrEnum):
    """How a connection ended when grouped commands may be the reason."""

    OUT_OF_STEP = "it answered out of step"
    SILENCE = "it left part of a group unanswered"
    BREAK = "it hung up on a group"


@dataclass(frozen=True, slots=True)
class Loan:
    """One use of a connection, from lending to return, and the mode it uses.

    ``since`` is in monotonic seconds; ``trial`` says that the mode is tried out on this loan.
    """

    offered: Capabilities
    grouping: Grouping
    since: float
    trial: bool = False


class ModeChange(NamedTuple):
    """A change from one mode to another, and the reason."""

    was: Grouping
    now: Grouping
    why: str


@dataclass(slots=True)
class _Memory:
    top: Grouping  # the fastest that the EHLO offers
    mode: Grouping
    proven: bool = False  # a message was answered in this mode
    struck_at: float | None = None  # the time of a first fault, which did not change the mode yet
    clean: int = 0  # loans without a fault since then
    climb_at: float | None = None  # when a faster mode may be tried
    wait: float = HOUR
    trying: bool = False  # one loan is trying the faster mode


class PipeliningMemory:
    """What one process has learned about one relay's pipelining; shared by all threads.

    It is kept for each set of capabilities, so that a relay that changes its EHLO starts afresh,
    and different hosts behind one address are learned separately. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._memories: dict[Capabilities, _Memory] = {}
        self._lock = threading.Lock()

    def begin_loan(self, offered: Capabilities, *, now: float) -> Loan:
        """Choose the mode for the next use of a connection with such an EHLO."""
        with self._lock:
            memory = self._memory_of(offered)
            due = memory.climb_at is not None and now >= memory.climb_at
            if due and not memory.trying:
                memory.trying = True
                return Loan(offered, memory.mode.faster, now, trial=True)
            return Loan(offered, memory.mode, now)

    def learn(
        self, loan: Loan, *, fault: GroupingFault | None, carried: int, now: float
    ) -> ModeChange | None:
        """Learn from a loan that has ended; the change of mode, if it causes one.

        ``fault`` is how it ended; ``carried`` counts the messages answered in its mode.
        """
        if fault is GroupingFault.BREAK and carried >= _MANY:
            fault = None
        with self._lock:
            memory = self._memory_of(loan.offered)
            if loan.trial:
                return _judge_trial(memory, loan, fault, carried, now)
            if loan.grouping is not memory.mode:
                return None  # another loan has changed the mode since
            if carried:
                memory.proven = True
            if fault is None:
                memory.clean += 1
                return None
            if not _counts(memory, loan, fault, now):
                return None
            return _change_mode(memory, memory.mode.slower, str(fault), now)

    def _memory_of(self, offered: Capabilities) -> _Memory:
        memory = self._memories.get(offered)
        if memory is None:
            if len(self._memories) >= _MOST_MEMORIES:
                del self._memories[next(iter(self._memories))]
            top = best(offered)
            memory = self._memories[offered] = _Memory(top, top)
        return memory


def _counts(memory: _Memory, loan: Loan, fault: GroupingFault, now: float) -> bool:
    if fault is GroupingFault.OUT_OF_STEP or not memory.proven:
        return True
    struck = memory.struck_at
    if struck is None or memory.clean >= _FORGOTTEN_AFTER:
        memory.struck_at, memory.clean = now, 0
        return False
    # A relay that restarts breaks all its connections at once: those breaks count as one.
    return loan.since > struck


def _judge_trial(
    memory: _Memory, loan: Loan, fault: GroupingFault | None, carried: int, now: float
) -> ModeChange | None:
    memory.trying = False
    if loan.grouping is not memory.mode.faster:
        return None  # another loan made the mode slower meanwhile
    if fault:  # the slower mode has just worked, so one fault is enough
        memory.wait = min(2 * memory.wait, _LONGEST_WAIT)
        memory.climb_at = now + memory.wait
        return None
    if not carried:
        return None
    memory.wait = HOUR
    return _change_mode(memory, loan.grouping, "it was time to try again", now, proven=True)


def _change_mode(
    memory: _Memory, mode: Grouping, why: str, now: float, *, proven: bool = False
) -> ModeChange | None:
    was, memory.mode = memory.mode, mode
    memory.proven, memory.struck_at, memory.clean = proven, None, 0
    memory.climb_at = None if mode is memory.top else now + memory.wait
    return ModeChange(was, mode, why) if was is not mode else None
