"""Jobs: nudges to a worker, by name and with ids only. Losing or doubling one changes nothing."""

from typing import Protocol

from dramatiq import Broker

from mailer.queue.broker import waiting


class Jobs(Protocol):
    """Where jobs are sent, after the commit that made them worth sending."""

    def send(self, name: str, *ids: int) -> None: ...

    def waiting(self, name: str) -> int: ...


class QueuedJobs:
    """Jobs on a broker on which ``tasks.declare`` has declared the actors."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def send(self, name: str, *ids: int) -> None:
        """Put one job on its queue."""
        self._broker.get_actor(name).send(*ids)

    def waiting(self, name: str) -> int:
        """How many jobs stand before the next one of this name."""
        return waiting(self._broker, self._broker.get_actor(name).queue_name)
