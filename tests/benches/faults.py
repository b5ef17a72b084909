"""A hundred thousand copies through a relay with bad days, by workers that are killed."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import services
from tests.faulting import WORKERS, faulty_send, unsteady_relay
from tests.killing import Installation

CONNECTIONS = 40
SEED = 23


def run(number: int = 100_000, every: float = 4.0) -> None:
    """On PostgreSQL and Redis; ends with an error when anything does not hold."""
    folder = Path(tempfile.mkdtemp(prefix="circular-faults-"))
    with (
        services.postgres(durable=True) as server,
        services.redis() as redis_url,
        unsteady_relay(folder, SEED) as relay,
    ):
        server.execute("CREATE DATABASE faults")
        installation = Installation(
            folder,
            services.free_port(),
            server.url("faults"),
            redis_url,
            relay_url=f"smtp://127.0.0.1:{relay}",
            connections=CONNECTIONS,
        )
        found = faulty_send(
            installation,
            number,
            kills=number // 500,
            every=every,
            seconds=60 + number / 50,
            seed=SEED,
        )
    print(f"{number:,} people, {WORKERS} workers, {found.kills} killed, {found.seconds:.0f} s")
    print(f"statuses: {found.status['deliveries']}, suppressed: {len(found.suppressed)}")
    print(f"hung up: {dict(found.hang_ups)}")
    print(f"copies each: {dict(Counter(found.taken.values()))}")
    arrived = sum(1 for row in found.uncertain if found.taken[row.id, row.address])
    print(
        f"in doubt: {len(found.uncertain)} of at most {found.most_uncertain}; "
        f"{arrived} of them had arrived"
    )
    for row in found.uncertain[:50]:
        print(f"  {row.id} {row.address}: {row.text or 'its worker was killed'}")
    found.hold()


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
