"""A send whose processes are killed at random ends by itself: sums agree, no copy twice or lost."""

from pathlib import Path

import pytest

from mailer.delivery.routing.slots import GROUP
from tests.killing import Installation, disturbed_send
from tests.services import free_port

CONNECTIONS = 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "scaled out"])
def test_a_send_survives_kills_and_a_flushed_queue(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    number, kills = 1500, 5
    scaled_out = kind == "scaled out"
    installation = Installation(
        folder=tmp_path,
        port=free_port(),
        database_url=request.getfixturevalue("postgres_url")
        if scaled_out
        else f"sqlite:///{tmp_path / 'circular.db'}",
        redis_url=request.getfixturevalue("redis_server") if scaled_out else "",
    )

    result = disturbed_send(installation, number, kills=kills, seconds=300, seed=7)

    uncertain = result.deliveries.get("uncertain", 0)
    assert result.status["finished_at"], result
    assert result.status["balanced"] is True
    assert sum(result.deliveries.values()) == number
    assert result.deliveries["accepted"] + uncertain == number
    assert set(result.copies.values()) == {1}
    assert len(result.copies) >= result.deliveries["accepted"]
    assert uncertain <= CONNECTIONS * (GROUP + 1) * len(result.killed)
    assert result.left_behind == []
