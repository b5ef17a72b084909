"""What this process has in hand, so that nothing stays in the hands of nobody.

A claim whose commit was not answered, or an end that could not be written, leaves a row that names
a living process which knows nothing of it. Nobody else would touch such a row.
"""

import threading
from collections import Counter
from typing import NamedTuple


class Hands:
    """Ids in hand: taken before a claim is committed, dropped when its end has been."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()  # one thread may take what another is about to drop
        self._lock = threading.Lock()

    def take(self, row_id: int) -> None:
        """Have a row in hand."""
        with self._lock:
            self._held[row_id] += 1

    def drop(self, row_id: int) -> None:
        """Have it in hand no more."""
        with self._lock:
            self._held[row_id] -= 1
            if self._held[row_id] <= 0:
                del self._held[row_id]

    def __contains__(self, row_id: int) -> bool:
        with self._lock:
            return row_id in self._held


class InHand(NamedTuple):
    """What the threads of one process have in hand: ranges, and system mails."""

    batches: Hands
    notices: Hands
