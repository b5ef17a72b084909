"""When a deferred delivery is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

_SPREAD: Final = 0.1  # of a wait, at most: deliveries deferred together are not due together


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds to wait after the first, second … attempt; the last is repeated until expiry.

    The default follows RFC 5321 4.5.4.1 and what greylisting hosts expect (RFC 6647): several
    tries within the first hour, then every two hours. A newsletter is worth less after three days.
    """

    schedule: tuple[int, ...] = (60, 300, 900, 1800, 3600, 7200)
    expire_after: int = 3 * 24 * 3600

    @property
    def longest(self) -> timedelta:
        """No wait for another try is longer than this."""
        return timedelta(seconds=max(self.schedule) * (1 + _SPREAD))

    def next_try(
        self, attempts: int, *, key: int, started_at: datetime, now: datetime
    ) -> datetime | None:
        """When to try again after ``attempts`` tries; None when its time is over.

        ``key``, the delivery's id, spreads what was deferred at the same moment.
        """
        wait: float = self.schedule[min(attempts, len(self.schedule)) - 1]
        wait *= 1 + _SPREAD * crc32(b"%d:%d" % (key, attempts)) / 2**32
        due_at = now + timedelta(seconds=wait)
        if due_at > started_at + timedelta(seconds=self.expire_after):
            return None
        return due_at
