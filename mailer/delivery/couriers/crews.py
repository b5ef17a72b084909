"""The crews of one process: which one a connection joins, and when a new one is formed."""

import threading
from typing import Final

from mailer.delivery.claims.fairness import WaitingBatch
from mailer.delivery.claims.timing import Timing
from mailer.delivery.couriers.crew import Crew
from mailer.delivery.couriers.journal import Journal
from mailer.delivery.routing.slots import RelaySlot


class Crews:
    """The crews of one process, to all relays; shared by all threads."""

    def __init__(self, timing: Timing) -> None:
        self._timing: Final = timing
        self._crews: list[Crew] = []  # under ``_lock``, which is taken before any crew's lock
        self._lock: Final = threading.Lock()

    def join_or_form(
        self, journal: Journal, slot: RelaySlot, campaign_id: int, own: WaitingBatch | None
    ) -> Crew | None:
        """The crew that a connection at this slot is now a member of; None when nothing waits.

        When no crew at the relay takes it, it forms a new one. That claims ``own``, or a batch of
        the campaign that has had the least.
        """
        declined: list[Crew] = []
        while True:
            with self._lock:
                self._crews = [each for each in self._crews if not each.over]
                here = [each for each in self._crews if each.slot.relay is slot.relay]
                crew = next((each for each in here if each not in declined), None)
                if crew is None:
                    crew = Crew(journal, slot, self._timing)
                    self._crews.append(crew)
                    break
            if crew.join():
                return crew
            declined.append(crew)
        try:
            found = crew.start(campaign_id, own)
        except BaseException:
            crew.leave()
            raise
        if found:
            return crew
        crew.leave()
        return None
