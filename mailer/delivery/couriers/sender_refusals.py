"""Refusals of a campaign's sender that came in reply to single recipients.

A refusal of MAIL holds for every copy. A refusal of RCPT may come from one recipient's server,
through the relay, and must not hold up the other copies. So it takes refusals for two people in a
row.
"""

import threading


class SenderRefusals:
    """For each campaign, the deliveries whose sender was refused since a copy was last accepted."""

    def __init__(self) -> None:
        self._refused: dict[int, set[int]] = {}
        self._lock = threading.Lock()

    def accepted(self, campaign_id: int) -> None:
        """Forget the campaign's refusals, because a copy was accepted."""
        with self._lock:
            self._refused.pop(campaign_id, None)

    def refused(self, campaign_id: int, delivery_id: int) -> bool:
        """Note a refusal; whether the relay now counts as refusing the sender for everybody."""
        with self._lock:
            refused = self._refused.setdefault(campaign_id, set())
            refused.add(delivery_id)
            if len(refused) < 2:
                return False
            del self._refused[campaign_id]
            return True
