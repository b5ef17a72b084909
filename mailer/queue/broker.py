"""The queue: Dramatiq in this process, or on Redis for any number of workers."""

from typing import Final

import redis
from dramatiq import Broker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

MAIL: Final = "mail"
CHORES: Final = "chores"  # freezes, imports, system mail: never behind a hundred thousand copies

LOOKS: Final = 150  # milliseconds an idle worker lets a job lie in Redis at most: nobody tells it


def make_broker(redis_url: str) -> Broker:
    """A broker without middleware.

    Nothing is retried or aged by the queue: a job is a nudge, the truth about what is left to do
    is in the database, and the sweep nudges again.
    """
    if not redis_url:
        return StubBroker(middleware=[])
    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated
        url=redis_url,
        middleware=[],
        namespace="circular",
        # Measured: with the defaults a killed worker's messages come back after 19 minutes.
        heartbeat_timeout=20_000,
        maintenance_chance=100_000,
    )


def waiting(broker: Broker, queue: str) -> int:
    """How many jobs of a queue nobody has fetched yet."""
    if isinstance(broker, RedisBroker):
        return int(broker.client.llen(f"{broker.namespace}:{queue}"))
    assert isinstance(broker, StubBroker)
    return int(broker.queues[queue].qsize())


def answers(redis_url: str) -> bool:
    """Whether the queue can be reached; the one in this process always can."""
    if not redis_url:
        return True
    try:
        return bool(redis.from_url(redis_url, socket_timeout=2).ping())
    except redis.RedisError:
        return False
