"""A send through an unsteady relay by workers that are killed: no copy is lost or sent twice."""

from pathlib import Path

import pytest

from tests.faulting import faulty_send, unsteady_relay
from tests.killing import Installation
from tests.services import free_port

SEED = 5


@pytest.mark.slow
def test_deliveries_agree_with_the_record_of_an_unsteady_relay(
    postgres_url: str, redis_server: str, tmp_path: Path
) -> None:
    with unsteady_relay(tmp_path, SEED) as relay:
        place = Installation(
            folder=tmp_path,
            port=free_port(),
            database_url=postgres_url,
            redis_url=redis_server,
            relay_url=f"smtp://127.0.0.1:{relay}",
            connections=8,
        )
        found = faulty_send(place, 1500, kills=3, every=0.6, seconds=120, seed=SEED)

    found.hold()
    assert found.kills == 3
    assert found.hang_ups.total() > 0
    assert found.suppressed
