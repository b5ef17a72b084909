"""What relays hold against a campaign's sender, as far as it was said of single recipients.

Where MAIL is refused, every copy would fare the same. At RCPT one far server may speak, through the
relay, of its own rules: that must not hold up everybody else. So it takes two people in a row.
"""

import threading


class SenderRefusals:
    """Of each campaign, for whom the sender was refused since a copy was last accepted."""

    def __init__(self) -> None:
        self._against: dict[int, set[int]] = {}
        self._lock = threading.Lock()

    def accepted(self, campaign_id: int) -> None:
        """A copy was accepted: the sender is welcome."""
        if campaign_id in self._against:
            with self._lock:
                self._against.pop(campaign_id, None)

    def heard(self, campaign_id: int, delivery_id: int) -> bool:
        """The sender was refused for this recipient; whether it is the sender's affair by now."""
        with self._lock:
            refused = self._against.setdefault(campaign_id, set())
            refused.add(delivery_id)
            if len(refused) < 2:
                return False
            del self._against[campaign_id]
            return True
