"""Twenty kills during twenty thousand copies, on both set-ups: what was in doubt, what held."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import services
from tests.killing import Place, disturbed_send


def run(number: int = 20_000, kills: int = 20) -> None:
    """Embedded, then scaled out; ends with an error when a sum does not hold."""
    folder = Path(tempfile.mkdtemp(prefix="circular-kills-"))
    _disturb(
        Place(folder, services.free_port(), f"sqlite:///{folder / 'circular.db'}"), number, kills
    )
    with services.postgres(durable=True) as server, services.redis() as redis_url:
        server.execute("CREATE DATABASE kills")
        folder = Path(tempfile.mkdtemp(prefix="circular-kills-"))
        place = Place(folder, services.free_port(), server.url("kills"), redis_url)
        _disturb(place, number, kills)


def _disturb(place: Place, number: int, kills: int) -> None:
    ending = disturbed_send(place, number, kills=kills, seconds=1200, seed=11)
    print(f"{number} people, {len(ending.killed)} killed, {ending.seconds:.0f} s")
    print(Counter(ending.killed))
    print(ending.status)
    print("copies each:", Counter(ending.copies.values()), "left behind:", ending.left_behind)
    uncertain = ending.deliveries.get("uncertain", 0)
    assert ending.status["finished_at"]
    assert ending.status["balanced"]
    assert set(ending.copies.values()) == {1}, "somebody got two"
    assert ending.deliveries["accepted"] + uncertain == number, "somebody is missing"


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
