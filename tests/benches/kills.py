"""Twenty kills during twenty thousand copies, on both set-ups: what was in doubt, what held."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import services
from tests.killing import Installation, disturbed_send


def run(number: int = 20_000, kills: int = 20) -> None:
    """Embedded, then scaled out; ends with an error when a sum does not hold."""
    folder = Path(tempfile.mkdtemp(prefix="circular-kills-"))
    _disturb(
        Installation(folder, services.free_port(), f"sqlite:///{folder / 'circular.db'}"),
        number,
        kills,
    )
    with services.postgres(durable=True) as server, services.redis() as redis_url:
        server.execute("CREATE DATABASE kills")
        folder = Path(tempfile.mkdtemp(prefix="circular-kills-"))
        installation = Installation(folder, services.free_port(), server.url("kills"), redis_url)
        _disturb(installation, number, kills)


def _disturb(installation: Installation, number: int, kills: int) -> None:
    result = disturbed_send(installation, number, kills=kills, seconds=1200, seed=11)
    print(f"{number} people, {len(result.killed)} killed, {result.seconds:.0f} s")
    print(Counter(result.killed))
    print(result.status)
    print("copies each:", Counter(result.copies.values()), "left behind:", result.left_behind)
    uncertain = result.deliveries.get("uncertain", 0)
    assert result.status["finished_at"]
    assert result.status["balanced"]
    assert set(result.copies.values()) == {1}, "somebody got two"
    assert result.deliveries["accepted"] + uncertain == number, "somebody is missing"


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
