"""Killed at random moments: it ends by itself, balanced, nobody twice, nobody forgotten."""

from pathlib import Path

import pytest

from mailer.delivery.routing.slots import GROUP
from tests.killing import Place, disturbed_send
from tests.services import free_port

CONNECTIONS = 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "scaled out"])
def test_a_send_survives_kills_and_a_flushed_queue(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    number, kills = 1500, 5
    scaled_out = kind == "scaled out"
    place = Place(
        folder=tmp_path,
        port=free_port(),
        database_url=request.getfixturevalue("postgres_url")
        if scaled_out
        else f"sqlite:///{tmp_path / 'circular.db'}",
        redis_url=request.getfixturevalue("redis_server") if scaled_out else "",
    )

    ending = disturbed_send(place, number, kills=kills, seconds=300, seed=7)

    uncertain = ending.deliveries.get("uncertain", 0)
    assert ending.status["finished_at"], ending
    assert ending.status["balanced"] is True
    assert sum(ending.deliveries.values()) == number
    assert ending.deliveries["accepted"] + uncertain == number
    assert set(ending.copies.values()) == {1}
    assert len(ending.copies) >= ending.deliveries["accepted"]
    assert uncertain <= CONNECTIONS * (GROUP + 1) * len(ending.killed)
    assert ending.left_behind == []
