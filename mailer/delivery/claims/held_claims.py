"""The claims that this process holds, as far as its own threads know.

The database may name this process as the holder of a row that none of its threads knows of: the
commit of the claim was not answered, or the release could not be written. No other process touches
such a row while this one lives, so each process compares the two and releases the difference.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field


class HeldIds:
    """The ids of claimed rows of one table; shared by all threads of a process."""

    def __init__(self) -> None:
        # Counted, because one thread may claim a row that another is just releasing.
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()

    def add(self, row_id: int) -> None:
        """Remember that this process holds a claim on the row; called before the claim commits."""
        with self._lock:
            self._held[row_id] += 1

    def remove(self, row_id: int) -> None:
        """Forget one claim on the row; called after its release has committed."""
        with self._lock:
            self._held[row_id] -= 1
            if self._held[row_id] <= 0:
                del self._held[row_id]

    def __contains__(self, row_id: int) -> bool:
        with self._lock:
            return row_id in self._held


@dataclass(frozen=True, slots=True)
class HeldClaims:
    """The batches and the system mails that the threads of one process have claimed."""

    batches: HeldIds = field(default_factory=HeldIds)
    notices: HeldIds = field(default_factory=HeldIds)
